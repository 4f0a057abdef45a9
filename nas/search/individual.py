"""An individual: a genome with its number, its parents and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nas.fidelity import Fidelity
from nas.search_spaces.base import Genome, Mutation


class State(StrEnum):
    """Where an individual stands. A number, once given, ends in exactly one finished state."""

    PENDING = "pending"
    TOLD = "told"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        return self is not State.PENDING


@dataclass(slots=True)
class Individual:
    """One child of the search.

    Attributes:
        number: position in the order of asking, from 0.
        genome: the space's genome in a running search; its JSON form in a `History`.
        seed: training seed, derived from the search's seed and the number.
        parents: numbers of the individuals it descends from; empty for a random one.
        mutation: what was done to the first parent; None for a random one.
        removed: numbers that left the population because of this individual, at asking and at telling.
        rejected: how many draws the constraint rejected before this one, by the bound they exceeded.
        record: what the algorithm noted as it asked for it, see `Proposal`; not part of the science.
        fidelity: of a reduced evaluation; None for a full one.
        state: see `State`.
        fitness: what selection maximises; None before it is told.
        metrics: raw measurements in their own units; keys that end in _s are seconds.
        attempt: the latest attempt that was started, 0 for none.
        job: the launcher's id of that attempt.
        asked_s, finished_s: `elapsed_s` of the search at both moments.
        device_s: device-seconds of all attempts.
        reason, log: why it failed, and the file with its output, relative to the run folder.
        provenance: host, device and versions of the evaluation; not part of the science.
    """

    number: int
    genome: Genome
    seed: int
    parents: tuple[int, ...] = ()
    mutation: Mutation | None = None
    removed: tuple[int, ...] = ()
    rejected: dict[str, int] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    fidelity: Fidelity | None = None
    state: State = State.PENDING
    fitness: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    attempt: int = 0
    job: str | None = None
    asked_s: float | None = None
    finished_s: float | None = None
    device_s: float = 0.0
    reason: str | None = None
    log: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
