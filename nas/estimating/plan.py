"""The search that is estimated, and what is left of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.algorithms.base import Algorithm
from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.search.budget import Budget, Spent
from nas.search.constraint import Guard
from nas.search.history import History
from nas.search.identity import differences, digest, identity_of, plain_json
from nas.search.journal import FILE_NAME, read_header
from nas.search.session import Session
from nas.search_spaces.base import SearchSpace
from nas.training.hardware import Hardware

CLUSTERS = ("submitit_slurm", "slurm_packed")  # launchers whose jobs have nodes of their own
NO_SECONDS = ("price_per_hour", "assumed_tflops", "timeout_min")  # of the hardware: they change none


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A search as it would be run.

    Attributes:
        session: its parts.
        folder: its run folder, which need not exist.
        hardware: what a child is given.
        kind: of the launcher, see `nas_launchers.build.launcher_kind`.
        make_executor: makes the executor from a folder for its files.
        spent: what earlier sessions have spent and told.
        told_device_s: device-seconds of the told children among it.
        keep_children: told children whose folders are kept.
    """

    session: Session
    folder: Path
    hardware: Hardware
    kind: str
    make_executor: Callable[[Path], Any]
    spent: Spent
    told_device_s: float = 0.0
    keep_children: int = 20

    @property
    def space(self) -> SearchSpace:
        return self.session.space

    @property
    def algorithm(self) -> Algorithm:
        return self.session.algorithm

    @property
    def evaluator(self) -> Evaluator:
        return self.session.evaluator

    @property
    def budget(self) -> Budget:
        return self.session.budget

    @property
    def guard(self) -> Guard | None:
        return self.session.guard

    @property
    def slots(self) -> int:
        """Children at once."""
        return max(1, self.session.workers)

    @property
    def on_cluster(self) -> bool:
        return self.kind in CLUSTERS

    @property
    def is_finished(self) -> bool:
        return not self.budget.allows(self.spent)

    @property
    def key(self) -> str:
        """Names the search together with where its children run: what a measurement of seconds is good for."""
        return digest({"search": self.session.identity, "on": plain_json(self.where)}, length=16)

    @property
    def where(self) -> dict[str, Any]:
        """Where children run, as far as it changes their seconds."""
        hardware = identity_of(self.hardware)
        for name in NO_SECONDS:
            hardware.pop(name, None)
        return {"launcher": self.kind, "slots": self.slots, "hardware": hardware}


def spent_before(folder: Path, identity: dict[str, Any]) -> tuple[Spent, float]:
    """What the search in this folder has spent, and the device-seconds of its told children; nothing where there is
    none. Children in flight have cost what they have cost, and are still to be told.

    Raises:
        UserError: the folder holds another search, or its journal is damaged.
    """
    header = read_header(folder / FILE_NAME)
    if header is None:
        return Spent(), 0.0
    if header["identity"] != identity:
        keys = "; ".join(differences(header["identity"], identity))
        raise UserError(f"{folder} holds another search, which differs in {keys}: choose another run=NAME")
    history = History.load(folder)
    told = history.told

    def summed(metric: str) -> float:
        return sum(float(individual.metrics.get(metric) or 0.0) for individual in told)

    spent = Spent(
        told=len(told),
        examples=summed("train_examples"),
        flops=summed("train_flops"),
        simulated_s=summed("simulated_s"),
        device_s=sum(individual.device_s for individual in history.individuals),
        elapsed_s=history.elapsed_s,
    )
    return spent, sum(individual.device_s for individual in told)
