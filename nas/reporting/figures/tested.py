"""Validation against test accuracy, of finished searches whose children sealed a test.

Validation chose, so the best of it are partly those that it flatters: among the top their validation is further above
their test accuracy than among all, and the difference is what choosing adds (the selection bias).

Sealed measurements are read by `nas.search.sealed` alone, which opens none while a search goes on.
"""

from dataclasses import dataclass

import numpy as np

from nas.fidelity import of_highest
from nas.reporting.columns import Floats
from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import plural
from nas.reporting.material import Material
from nas.reporting.rank_correlation import RankCorrelations, rank_correlations
from nas.reporting.spread import mean_of
from nas.search.individual import Individual
from nas.search.sealed import is_finished, sealed_accuracy

TOPS = (1, 10, 100)
PROBED = 10  # of the best: where none has a sealed test, nobody has


@dataclass(frozen=True, slots=True)
class Top:
    """The best so many by validation.

    Attributes:
        count: how many.
        valid, test: their mean accuracies.
        interval: of the mean difference, 95 % by Student's t over individuals; None for one.
        chosen: by how much their difference exceeds that of all.
    """

    count: int
    valid: float
    test: float
    interval: tuple[float, float] | None
    chosen: float

    @property
    def gap(self) -> float:
        return self.valid - self.test


@dataclass(frozen=True, slots=True)
class Tested:
    """
    Attributes:
        figure: the pairs.
        correlations: of their ranks.
        tops: of growing size; the last is all.
        best: individual, test accuracy and rank by test, of the best by validation, best first.
        missing: how many told individuals were looked at and have no sealed test.
        sampled: how many told individuals were not looked at, as there are too many.
    """

    figure: PairsFigure
    correlations: RankCorrelations
    tops: list[Top]
    best: list[tuple[Individual, float, int]]
    missing: int
    sampled: int


def validation_against_test(material: Material) -> Tested | None:
    """None while the search goes on, and where nothing was sealed.

    Raises:
        UserError: a sealed measurement is damaged.
    """
    history = material.history
    if not is_finished(history):
        return None
    if all(sealed_accuracy(history, number) is None for number in _best(material)):
        return None
    looked = of_highest(individual for _, individual in material.sample.told)
    found = [(individual, sealed_accuracy(history, individual.number)) for individual in looked]
    known = [(individual, test) for individual, test in found if test is not None]
    individuals = [individual for individual, _ in known]
    valid = np.array([individual.fitness for individual in individuals], dtype=np.float64)
    test = np.array([test for _, test in known], dtype=np.float64)
    order = np.argsort(-valid, kind="stable")
    places = 1 + len(test) - np.searchsorted(np.sort(test), test, side="right")
    return Tested(
        figure=_figure(material, individuals, valid, test, int(order[0])),
        correlations=rank_correlations(valid, test),
        tops=_tops(valid[order], test[order]),
        best=[(individuals[place], float(test[place]), int(places[place])) for place in order[:PROBED]],
        missing=len(looked) - len(known),
        sampled=len(material.told) - len(looked),
    )


def _best(material: Material) -> list[int]:
    """Numbers of the best `PROBED` by validation."""
    numbers = material.columns.numbers_compared
    return numbers[np.argsort(-material.columns.fitness[numbers], kind="stable")[:PROBED]].tolist()


def _tops(valid: Floats, test: Floats) -> list[Top]:
    """Of accuracies, the best by validation first."""
    whole = float((valid - test).mean())
    found = []
    for number in (*(top for top in TOPS if top < len(valid)), len(valid)):
        gap = mean_of((valid - test)[:number])
        found.append(
            Top(
                count=number,
                valid=float(valid[:number].mean()),
                test=float(test[:number].mean()),
                interval=gap.interval,
                chosen=gap.mean - whole,
            )
        )
    return found


def _figure(material: Material, individuals: list[Individual], valid: Floats, test: Floats, best: int) -> PairsFigure:
    numbers = np.array([individual.number for individual in individuals], dtype=np.int64)
    return PairsFigure(
        across="validation accuracy",
        up="test accuracy",
        x=valid,
        y=test,
        numbers=numbers,
        opens=material.opens[numbers],
        same=True,
        words=f"Test against validation accuracy of {plural(len(numbers), 'individual')}. "
        f"The best by validation, #{numbers[best]}, has {valid[best]:.4f} there and {test[best]:.4f} on test.",
        marked={best: f"#{numbers[best]}"},
    )
