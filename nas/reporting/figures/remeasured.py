"""The best of a search, measured again with new training seeds by the study that it belongs to.

A study keeps those in a file beside its searches, see `nas.noise.measured_file`.
"""

from dataclasses import dataclass

import numpy as np

from nas.comparison.noise import Estimate, Reevaluated
from nas.noise.measured_file import measured_beside, read_measured
from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import plural
from nas.reporting.material import Material
from nas.reporting.spread import Spread, mean_of, pooled


@dataclass(frozen=True, slots=True)
class Remeasured:
    """
    Attributes:
        top: the individuals, by falling fitness.
        gap: mean over them of fitness when selected minus mean of the new ones.
        spread: between new seeds of an individual; None for one seed each.
        figure: mean of the new ones against the fitness that selected them.
    """

    top: list[Reevaluated]
    gap: Estimate
    spread: Spread | None
    figure: PairsFigure


def remeasured(material: Material) -> Remeasured | None:
    """None where the run lies in no study, or the study measured nothing of it again.

    Raises:
        UserError: the file is damaged, or of another search.
    """
    path = measured_beside(material.history.path.absolute().parent)
    if path is None:
        return None
    fitness = {individual.number: individual.fitness or 0.0 for individual in material.told}
    measured = read_measured(path, fitness)
    top = [
        Reevaluated(number=number, selected=fitness[number], values=tuple(value for _, value in sorted(own.items())))
        for number, own in measured.items()
        if own
    ]
    if not top:
        return None
    top.sort(key=lambda one: -one.selected)
    numbers = np.array([one.number for one in top], dtype=np.int64)
    name = material.fitness_name.replace("_", " ")
    gap = mean_of(np.array([one.gap for one in top]))
    values = np.array([value for one in top for value in one.values])
    return Remeasured(
        top=top,
        gap=gap,
        spread=pooled(values, np.repeat(np.arange(len(top)), [len(one.values) for one in top])),
        figure=PairsFigure(
            across=f"{name} in the search",
            up="mean with new training seeds",
            x=np.array([one.selected for one in top]),
            y=np.array([one.mean for one in top]),
            numbers=numbers,
            opens=material.opens[numbers],
            same=True,
            words=f"The best {plural(len(top), 'individual')} measured again, against the fitness that selected them. "
            f"They were {gap.mean:.4f} too high on average.",
            marked={0: f"#{top[0].number}"},
        ),
    )
