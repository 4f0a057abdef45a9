"""What a search's individuals are as rows of numbers: one for each that is told, live or from the journal.

A running search and one that is read from its journal go through the same calls, so their rows are equal.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nas.evaluators.base import FLOPS_PER_MULTIPLY_ADD
from nas.fidelity import is_better
from nas.search.history import History
from nas.search.individual import Individual, State

UNTOLD = 0
SECONDS_PER_HOUR = 3600.0


class Rows:
    """Follows a search from its first individual on. Places are positions in the order of telling, from 1.

    An individual leaves the population with the telling, or the failure, of the one that removed it.

    Attributes:
        told: how many individuals have a fitness.
        failed: how many have failed.
        best: the fittest of the highest fidelity, the first told among equals.
    """

    def __init__(self) -> None:
        self.told = 0
        self.failed = 0
        self.best: Individual | None = None
        self._area = 0.0
        self._train_flops: float | None = None
        self._places = array("q")  # by number
        self._living: dict[int, float] = {}
        self._fitness_of_living = 0.0
        self._places_of_living = 0

    def add(self, individual: Individual, device_s: float) -> dict[str, Any] | None:
        """The row of an individual that has just been told; None for one that failed.

        Args:
            individual: told or failed, in the order of the journal.
            device_s: device-seconds that the search has spent until then.

        Returns:
            The individual's metrics under their own names, and beside them
            evaluations, number, fitness, mutation, parents;
            flops: of the forward pass of one image (1 multiply-add = 2 FLOPs), where known;
            seconds: from being asked for to being told;
            parent_age: how many individuals were told since its first parent was;
            best/valid, best/number, best/flops: of the fittest so far;
            best/valid_by_train_flops, best/valid_by_device_hours: best/valid, for charts over what was spent;
            auc: area under best/valid over evaluations, divided by their number: the mean of the best so far;
            population/size, /mean, and /mean_age: how many individuals were told since its members were, on average;
            failed: children that have failed so far;
            fidelity/epochs, /fraction, /image_size: of a reduced evaluation;
            spent/train_flops (of told children, where known), spent/device_hours (of every attempt), elapsed_s.
        """
        if individual.state is State.FAILED:
            self.failed += 1
            self._remove(individual.removed)
            return None
        fitness = individual.fitness
        assert fitness is not None
        self._tell(individual, fitness)
        reduced = individual.fidelity.plain() if individual.fidelity else {}
        best = self.best
        assert best is not None
        row: dict[str, Any] = {
            **individual.metrics,
            "evaluations": self.told,
            "number": individual.number,
            "fitness": fitness,
            "mutation": origin(individual),
            "parents": ",".join(map(str, individual.parents)),
            "best/valid": best.fitness,
            "best/number": best.number,
            "auc": self._area / self.told,
            "population/size": len(self._living),
            "failed": self.failed,
            **{f"fidelity/{name}": value for name, value in reduced.items()},
            "spent/device_hours": device_s / SECONDS_PER_HOUR,
            "best/valid_by_device_hours": best.fitness,
            "elapsed_s": individual.finished_s,
        }
        if individual.asked_s is not None and individual.finished_s is not None:
            row["seconds"] = round(individual.finished_s - individual.asked_s, 6)
        for name, value in (("flops", flops(individual)), ("best/flops", flops(best))):
            if value is not None:
                row[name] = value
        place = self._place(individual.parents[0]) if individual.parents else UNTOLD
        if place != UNTOLD:
            row["parent_age"] = self.told - place
        if self._train_flops is not None:
            row["spent/train_flops"] = self._train_flops
            row["best/valid_by_train_flops"] = best.fitness
        if self._living:
            row["population/mean"] = self._fitness_of_living / len(self._living)
            row["population/mean_age"] = self.told - self._places_of_living / len(self._living)
        return row

    def _tell(self, individual: Individual, fitness: float) -> None:
        self.told += 1
        if is_better(individual, self.best):
            self.best = individual
        assert self.best is not None
        self._area += self.best.fitness or 0.0
        train_flops = individual.metrics.get("train_flops")
        if isinstance(train_flops, int | float):
            self._train_flops = (self._train_flops or 0.0) + train_flops
        missing = individual.number + 1 - len(self._places)
        self._places.extend([UNTOLD] * max(0, missing))
        self._places[individual.number] = self.told
        self._living[individual.number] = fitness
        self._fitness_of_living += fitness
        self._places_of_living += self.told
        self._remove(individual.removed)

    def _place(self, number: int) -> int:
        return self._places[number] if 0 <= number < len(self._places) else UNTOLD

    def _remove(self, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            fitness = self._living.pop(number, None)
            if fitness is not None:
                self._fitness_of_living -= fitness
                self._places_of_living -= self._places[number]
        if not self._living:
            self._fitness_of_living = 0.0


def endings(run_folder: Path) -> Iterator[tuple[Individual, float]]:
    """The told and failed individuals of a journal, each as it was then, and the device-seconds spent until then.

    Raises:
        UserError: there is no journal, or it is damaged.
    """
    spent_s = 0.0
    for history, event in History.replay(run_folder):
        spent_s += event.get("device_s", 0.0)
        if event["event"] in ("told", "failed"):
            yield history.individuals[event["number"]], spent_s


def origin(individual: Individual) -> str:
    """The name of its mutation, or what it was drawn from."""
    if individual.mutation is not None:
        return individual.mutation.name
    return "policy" if "updates" in individual.record else "random"


def flops(individual: Individual) -> float | None:
    """FLOPs of the forward pass of one image; None where they are not known."""
    multiply_adds = individual.metrics.get("multiply_adds")
    if isinstance(multiply_adds, bool) or not isinstance(multiply_adds, int | float):
        return None
    return FLOPS_PER_MULTIPLY_ADD * multiply_adds
