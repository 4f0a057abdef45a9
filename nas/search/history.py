"""The whole of a search, read from its journal. Nothing in a run folder is executed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from pathlib import Path
from typing import Any, NamedTuple

from nas.errors import UserError
from nas.fidelity import Fidelity, is_better, of_highest
from nas.search.individual import Individual, State
from nas.search.journal import FILE_NAME, read_header
from nas.search.journal_reader import JournalReader
from nas.search.sharing import Sharing


class Interruption(NamedTuple):
    """An attempt that ended without a result and was followed by another, or a job that the cluster started again.

    Attributes:
        number: of the individual.
        cause: the journal's word, see `nas.search.attempts.Cause`; "requeued" for a job that was started again.
        device_s: device-seconds that were lost, as far as they are known.
    """

    number: int
    cause: str
    device_s: float


@dataclass
class History:
    """Everything a journal says. Equal parts of individuals may be one object: read them, do not change them.

    Attributes:
        path: the journal.
        header: its first line: format, version, identity, versions, commit.
        individuals: in the order of their numbers; genomes in JSON form.
        told_order: numbers in the order in which they were told.
        sessions: the `opened` events.
        closed: the last `closed` event if nothing happened after it, else None.
        interruptions: in the order in which they happened.
        events: how many the journal has.
    """

    path: Path
    header: dict[str, Any]
    individuals: list[Individual] = field(default_factory=list)
    told_order: list[int] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    closed: dict[str, Any] | None = None
    elapsed_s: float = 0.0
    interruptions: list[Interruption] = field(default_factory=list)
    events: int = 0

    def __post_init__(self) -> None:
        self._sharing = Sharing()
        self._reader = JournalReader(self.path)

    @classmethod
    def load(cls, run: str | Path) -> "History":
        """Reads a journal; `run` is a run folder or the journal itself. A torn last line is left out.

        Raises:
            UserError: there is no journal, or it is damaged; the sentence gives the line.
        """
        history = cls._empty(run)
        history.read_on()
        return history

    @classmethod
    def replay(cls, run: str | Path) -> "Iterator[tuple[History, dict[str, Any]]]":
        """The history as it was after each event, and that event; always the same object, which grows.

        Raises:
            UserError: as `load`.
        """
        history = cls._empty(run)
        for event in history._growing():
            yield history, event

    @classmethod
    def _empty(cls, run: str | Path) -> "History":
        path = Path(run)
        path = path / FILE_NAME if path.is_dir() else path
        header = read_header(path)
        if header is None:
            raise UserError(f"there is no journal at {path}")
        return cls(path, header)

    def read_on(self) -> None:
        """Adds what a running search has written since.

        Raises:
            UserError: the journal is damaged, or was replaced by another; this object is of no more use then.
        """
        for _ in self._growing():
            pass

    def _growing(self) -> Iterator[dict[str, Any]]:
        for line_number, event in self._reader.events():
            try:
                self._fold(event)
            except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
                what = f"{type(error).__name__}: {error}"
                where = f"line {line_number} of {self.path}"
                raise UserError(f"{where} does not fit the lines before it ({what})") from error
            yield event

    @property
    def identity(self) -> dict[str, Any]:
        return self.header["identity"]

    @property
    def told(self) -> list[Individual]:
        """The individuals that have a fitness, in the order of telling."""
        return [self.individuals[number] for number in self.told_order]

    @property
    def alive(self) -> list[Individual]:
        """The told individuals that nothing has removed, in the order of telling."""
        gone = bytearray(len(self.individuals))
        for individual in self.individuals:
            for number in individual.removed:
                if 0 <= number < len(gone):
                    gone[number] = True
        return [individual for individual in self.told if not gone[individual.number]]

    @property
    def best(self) -> Individual | None:
        """The fittest individual of the highest fidelity; the first told among equals."""
        best: Individual | None = None
        for individual in self.told:
            if is_better(individual, best):
                best = individual
        return best

    def top(self, count: int) -> list[Individual]:
        """The `count` fittest individuals of the highest fidelity, best first; the first told among equals."""
        return nsmallest(count, self.comparable, key=lambda individual: -(individual.fitness or 0.0))

    @property
    def comparable(self) -> list[Individual]:
        """The told individuals of the highest fidelity that was told, in the order of telling: all but in searches of
        several fidelities, see `nas.fidelity`."""
        return of_highest(self.told)

    def to_dataframe(self) -> Any:
        """A `pandas.DataFrame` with a row for each individual, see `nas.search.dataframe.rows`.

        Raises:
            UserError: pandas is not installed.
        """
        from nas.search.dataframe import dataframe

        return dataframe(self)

    @property
    def rejected(self) -> dict[str, int]:
        """How many draws the constraint rejected, by the bound they exceeded; with those that ended the search."""
        total: Counter[str] = Counter()
        for individual in self.individuals:
            total.update(individual.rejected)
        total.update((self.closed or {}).get("rejected", {}))
        return dict(total)

    def lineage(self, number: int) -> list[Individual]:
        """The individual and its first parents, back to the random one it descends from."""
        line = [self.individuals[number]]
        while line[-1].parents:
            line.append(self.individuals[line[-1].parents[0]])
        return line

    def science(self) -> str:
        """Canonical JSON of what makes two searches the same: everything but times, places and attempts."""
        return json.dumps(list(self._science()), sort_keys=True, allow_nan=False, separators=(",", ":"))

    def _science(self) -> Iterator[dict[str, Any]]:
        for individual in self.individuals:
            mutation = individual.mutation
            yield {
                "number": individual.number,
                "genome": individual.genome,
                "parents": individual.parents,
                "mutation": mutation and {"name": mutation.name, "details": mutation.details},
                "removed": individual.removed,
                "seed": individual.seed,
                "state": individual.state,
                "fitness": individual.fitness,
                "metrics": {key: value for key, value in individual.metrics.items() if not key.endswith("_s")},
                **({"fidelity": individual.fidelity.plain()} if individual.fidelity else {}),
            }

    def _fold(self, event: dict[str, Any]) -> None:
        self.events += 1
        self.elapsed_s = float(event.get("elapsed_s", self.elapsed_s))
        self.closed = event if event["event"] == "closed" else None
        fold = getattr(self, f"_fold_{event['event']}", None)
        if fold is not None:
            fold(event)

    def _fold_opened(self, event: dict[str, Any]) -> None:
        self.sessions.append(event)

    def _fold_asked(self, event: dict[str, Any]) -> None:
        if event["number"] != len(self.individuals):
            raise ValueError(f"individual {event['number']} was asked, expected {len(self.individuals)}")
        individual = individual_of(event, self._sharing)
        individual.parents = self._sharing.parents(self._numbers(individual.parents))
        self.individuals.append(individual)

    def _fold_submitted(self, event: dict[str, Any]) -> None:
        individual = self.individuals[event["number"]]
        individual.attempt, individual.job = event["attempt"], event.get("job")

    def _fold_interrupted(self, event: dict[str, Any]) -> None:
        individual = self.individuals[event["number"]]
        lost_s = event.get("device_s", 0.0)
        individual.device_s += lost_s
        individual.job = None
        self.interruptions.append(Interruption(individual.number, event.get("cause", "interrupted"), lost_s))

    def _fold_requeued(self, event: dict[str, Any]) -> None:
        self.interruptions.append(Interruption(event["number"], "requeued", 0.0))

    def _fold_told(self, event: dict[str, Any]) -> None:
        individual = self._finish(event, State.TOLD)
        individual.fitness = fitness = float(event["fitness"])
        individual.metrics = self._sharing.metrics(event["metrics"], fitness)
        individual.removed += self._numbers(event["removed"])
        individual.provenance = event.get("provenance", _NOTHING)
        self.told_order.append(individual.number)

    def _fold_failed(self, event: dict[str, Any]) -> None:
        individual = self._finish(event, State.FAILED)
        individual.reason, individual.log = event["reason"], event.get("log")

    def _fold_cancelled(self, event: dict[str, Any]) -> None:
        self._finish(event, State.CANCELLED).reason = event.get("reason")

    def _numbers(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """The same numbers as the objects that the individuals have."""
        known = self.individuals
        return tuple([known[number].number if 0 <= number < len(known) else number for number in numbers])

    def _finish(self, event: dict[str, Any], state: State) -> Individual:
        individual = self.individuals[event["number"]]
        if individual.state.is_finished:
            raise ValueError(f"individual {individual.number} is {individual.state} already")
        individual.state = state
        individual.finished_s = event.get("elapsed_s")
        individual.device_s = self._sharing.seconds(individual.device_s + event.get("device_s", 0.0))
        return individual


_NOTHING: dict[str, Any] = {}  # one for all: a search may have millions


def individual_of(event: dict[str, Any], sharing: Sharing) -> Individual:
    """The individual of an `asked` event, its genome in JSON form."""
    return Individual(
        number=event["number"],
        genome=event["genome"],
        seed=event["seed"],
        parents=tuple(event["parents"]),
        mutation=sharing.mutation(event["mutation"]),
        removed=tuple(event["removed"]),
        rejected=event.get("rejected", _NOTHING),
        record=event.get("record", _NOTHING),
        fidelity=Fidelity.read(event.get("fidelity")),
        metrics=_NOTHING,
        asked_s=event.get("elapsed_s"),
        provenance=_NOTHING,
    )
