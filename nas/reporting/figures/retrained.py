"""Search rank against final rank: how a search's individuals did when they were trained anew, and for longer."""

from dataclasses import dataclass

import numpy as np

from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import plural
from nas.reporting.material import Material
from nas.reporting.rank_correlation import RankCorrelations, rank_correlations
from nas.reporting.retrainings import Retraining, Row

LEAST = 2  # individuals that have an order


@dataclass(frozen=True, slots=True)
class Retrained:
    """
    Attributes:
        retraining: what was read.
        searched: rank of each of its rows by the search's fitness, from 1, equal ones with the same.
        correlations: of both ranks; None for fewer than `LEAST`.
        figure: accuracy after retraining against the search's fitness; None for fewer than `LEAST`.
    """

    retraining: Retraining
    searched: list[int]
    correlations: RankCorrelations | None
    figure: PairsFigure | None

    @property
    def table(self) -> list[tuple[int, Row, int]]:
        """Rank after retraining, row, and rank in the search."""
        return [
            (place, row, rank)
            for place, (row, rank) in enumerate(zip(self.retraining.rows, self.searched, strict=True), 1)
        ]


def retrained(retraining: Retraining, material: Material) -> Retrained:
    rows = retraining.rows
    fitness = np.array([row.individual.fitness for row in rows], dtype=np.float64)
    accuracy = np.array([row.accuracy for row in rows], dtype=np.float64)
    searched = [1 + int((fitness > own).sum()) for own in fitness]
    if len(rows) < LEAST:
        return Retrained(retraining, searched, None, None)
    correlations = rank_correlations(fitness, accuracy)
    numbers = np.array([row.individual.number for row in rows], dtype=np.int64)
    figure = PairsFigure(
        across=f"{material.fitness_name.replace('_', ' ')} in the search",
        up=f"{retraining.part} accuracy after retraining",
        x=fitness,
        y=accuracy,
        numbers=numbers,
        opens=material.opens[numbers],
        same=False,
        words=f"{plural(len(rows), 'individual')}: accuracy after retraining against fitness in the search. "
        f"Kendall's rank correlation is {correlations.kendall.words}.",
        marked=_marked(numbers, int(fitness.argmax())),
    )
    return Retrained(retraining, searched, correlations, figure)


def _marked(numbers: np.ndarray, searched: int) -> dict[int, str]:
    """The first after retraining, and the search's best where that is another."""
    best = {0: f"#{numbers[0]}, first"}
    return best if searched == 0 else best | {searched: f"#{numbers[searched]}, the search's best"}
