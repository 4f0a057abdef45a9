"""The contract of a tracker: what the loop shows it, and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a tracker only looks at individuals, so importing one costs nothing
    from nas.search.history import History
    from nas.search.individual import Individual


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The search as a session begins.

    Attributes:
        run: the run's name.
        folder: the run folder; everything a tracker writes lies in it.
        identity: what makes this search this search, as plain data.
        evaluations: `budget.evaluations`, None where the search is bounded by something else.
        budget_fraction: share of the budget that earlier sessions have used, 0 to 1; None if unknown.
        told: evaluations of earlier sessions, 0 in a new search.
        failed: failed children of earlier sessions.
        best_number, best_fitness: the fittest individual of earlier sessions, if there is one.
        workers: children that run at once; 1 where they run in the driver itself.
        genome_json: the JSON form of an individual's genome; in a `History` they have it already.
    """

    run: str
    folder: Path
    identity: Mapping[str, Any]
    evaluations: int | None = None
    budget_fraction: float | None = None
    told: int = 0
    failed: int = 0
    best_number: int | None = None
    best_fitness: float | None = None
    workers: int = 1
    genome_json: Callable[[Any], Any] = lambda genome: genome


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the search stands after an individual.

    Attributes:
        told: evaluations over all sessions, this one included.
        failed: failed children over all sessions.
        in_flight: children that were asked and are not finished.
        budget_fraction: share of the budget that is used, 0 to 1; None if unknown.
        best_number, best_fitness: the fittest individual so far, if there is one.
        elapsed_s: seconds of the driver over all sessions.
        device_s: device-seconds of every attempt over all sessions.
    """

    told: int
    failed: int
    in_flight: int
    budget_fraction: float | None
    best_number: int | None
    best_fitness: float | None
    elapsed_s: float
    device_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How a session ended.

    Attributes:
        reason: "budget", "finished", "stopped", "failures", "constraint", or the error that ended it.
        progress: where the search stands.
        message: a sentence more, where the reason needs one.
    """

    reason: str
    progress: Progress
    message: str = ""


class Tracker:
    """Shown a search as it goes. Each method may be left as it is, and none may change what it is shown.

    `told` is called 10,000 times a second in a toy search: a tracker that draws or sends limits its own rate. One that
    raises is dropped with a warning (`nas.tracking.guard`); it never stops a search.
    """

    def opened(self, context: Context) -> None:
        """A session begins: everything else comes after this."""

    def told(self, individual: "Individual", progress: Progress) -> None:
        """The individual's fitness is known and journaled."""

    def failed(self, individual: "Individual", progress: Progress) -> None:
        """The individual failed; `individual.reason` says why."""

    def closed(self, summary: Summary) -> None:
        """The session ends, however it ended: nothing comes after this. Its report is written, where one is wanted."""

    def finished(self, context: Context, summary: Summary) -> None:
        """There was nothing left to do: the only call of such a session."""

    def curves(self, searches: "Sequence[History]") -> Any:
        """What logs the curves of final trainings, see `nas.retraining.final_training`; None where it logs none.

        Args:
            searches: that the networks come from.
        """
        return None
