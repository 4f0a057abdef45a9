"""One finished search as a comparison sees it: its curve and a few facts, without its individuals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise, takewhile
from pathlib import Path

from nas.comparison.conditions import Conditions
from nas.comparison.curves import Curve, curve
from nas.comparison.effects import mean
from nas.comparison.finals import Finals, known_accuracies
from nas.errors import UserError
from nas.fidelity import of_highest
from nas.search.history import History
from nas.search.individual import Individual, State

LONGEST_INITIAL = 1000


@dataclass(frozen=True, slots=True)
class Final:
    """One of the best individuals of a search, by validation.

    Attributes:
        number: of the individual.
        valid: the fitness it was chosen by.
        test: its test accuracy; None where it is not known.
        parameters, multiply_adds: of its network, None where the evaluator does not tell them.
    """

    number: int
    valid: float
    test: float | None
    parameters: int | None
    multiply_adds: int | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One search.

    Attributes:
        seed: of the search.
        folder: its run folder.
        conditions: under what it ran.
        curve: see `Curve`.
        top: its best individuals, best first.
        finals: final accuracies of the best individual, by name, where a table holds them.
        population: mean fitness of those alive at the end; None where the algorithm keeps no population.
        asked, failed: how many children were asked for, and how many of them failed.
        sampled: what one random draw finds: mean fitness, and mean test accuracy where it is known, of the told that
            were drawn at random; None without any.
        random_share: share of the told that were drawn at random: without parents, and, where a policy is learned,
            before its first update.
        driver_s: seconds that the driver took between telling or losing a child and asking for the next: the algorithm
            and the journal.
        elapsed_s: seconds of the whole search.
        device_s: device-seconds of its children, with those that failed.
        initial: digests of the genomes it began with, up to the first that has parents, at most `LONGEST_INITIAL`; they
            tell whether two searches share their initial population.
    """

    seed: int
    folder: Path
    conditions: Conditions
    curve: Curve
    top: tuple[Final, ...]
    finals: Mapping[str, float]
    population: float | None
    asked: int
    failed: int
    sampled: tuple[float, float | None] | None
    random_share: float
    driver_s: float
    elapsed_s: float
    device_s: float
    initial: tuple[bytes, ...]

    @property
    def failed_share(self) -> float:
        return self.failed / self.asked

    def value(self, measure: str, axis: str = "evaluations", spent: float = math.inf) -> float:
        """A measure when so much had been spent, by default at the end.

        Args:
            measure: a name in `MEASURES`; or, whatever was spent, "area" or "population".
            axis: a name in `AXES` that the curve has.
            spent: in its unit, not before the first individual was told.

        Raises:
            UserError: the search does not have the measure.
        """
        if measure == "area":
            return self.curve.area
        if measure == "population":
            if self.population is None:
                raise UserError(f"the search {self.folder} keeps no population, compare.primary=population needs one")
            return self.population
        if measure not in self.curve.measures:
            raise UserError(
                f"the search {self.folder} has no test accuracies, which compare.primary={measure} needs: they come "
                "from evaluator.sealed_test=true, or from a table"
            )
        value = self.curve.at(axis, spent, measure)
        assert value is not None
        return value


def run_of(history: History, top_k: int, finals: Finals | None = None) -> Run:
    """Reduces a search that told at least one individual.

    Args:
        top_k: how many of its best are kept, and averaged in the curve.
        finals: see `known_accuracies`.

    Raises:
        UserError: a sealed measurement is damaged.
    """
    told, tests = history.told, known_accuracies(history, finals)
    assert history.best is not None
    test_of = dict(zip((individual.number for individual in told), tests or [], strict=False))
    alive = [individual.fitness or 0.0 for individual in of_highest(history.alive)]
    return Run(
        seed=history.identity["seed"],
        folder=history.path.parent,
        conditions=Conditions.of(history),
        curve=curve(history, top_k, tests),
        top=tuple(_final(individual, test_of.get(individual.number)) for individual in history.top(top_k)),
        finals=finals.accuracies(history.best.genome) if finals is not None else {},
        population=sum(alive) / len(alive) if alive else None,
        asked=len(history.individuals),
        failed=sum(individual.state is State.FAILED for individual in history.individuals),
        sampled=_sampled(told, test_of),
        random_share=sum(map(_is_random, told)) / len(told),
        driver_s=_driver_s(history.individuals),
        elapsed_s=history.elapsed_s,
        device_s=sum(individual.device_s for individual in history.individuals),
        initial=_initial(history.individuals),
    )


def share_initial_population(first: Run, second: Run) -> bool:
    """Whether both began with the same genomes: all of the one that began with fewer."""
    shorter, longer = sorted((first.initial, second.initial), key=len)
    return len(shorter) > 0 and longer[: len(shorter)] == shorter


def _final(individual: Individual, test: float | None) -> Final:
    metrics = individual.metrics
    return Final(
        individual.number, individual.fitness or 0.0, test, metrics.get("parameters"), metrics.get("multiply_adds")
    )


def _sampled(told: Sequence[Individual], test_of: Mapping[int, float]) -> tuple[float, float | None] | None:
    drawn = [individual for individual in told if _is_random(individual)]
    if not drawn:
        return None
    tests = [test_of[individual.number] for individual in drawn] if test_of else None
    return mean([individual.fitness or 0.0 for individual in drawn]), mean(tests) if tests else None


def _is_random(individual: Individual) -> bool:
    return not individual.parents and individual.record.get("updates", 0) == 0


def _driver_s(individuals: Sequence[Individual]) -> float:
    """Sum over the asked of the time since the last event before, if that was the end of a child."""
    events = [(individual.asked_s or 0.0, True) for individual in individuals]
    events += [(individual.finished_s, False) for individual in individuals if individual.finished_s is not None]
    events.sort()
    total = 0.0
    for (before, was_asked), (now, is_asked) in pairwise(events):
        total += now - before if is_asked and not was_asked else 0.0
    return total


def _initial(individuals: Sequence[Individual]) -> tuple[bytes, ...]:
    begun = takewhile(lambda individual: not individual.parents, individuals[:LONGEST_INITIAL])
    return tuple(blake2b(repr(individual.genome).encode(), digest_size=8).digest() for individual in begun)
