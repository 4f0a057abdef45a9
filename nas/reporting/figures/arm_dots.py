"""Every run of a comparison as one number: what its conclusions are drawn from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nas.comparison.results import Arms, Judgement
from nas.comparison.statistics import mean, shown_error

MOST_JOINED = 20  # seeds


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmDots:
    """
    Attributes:
        name: of the arm.
        place: among all arms, from 0; it decides the colour.
        seeds: of its runs.
        values: one for each seed.
        mean: of the values.
        error: its standard error; None for few runs.
    """

    name: str
    place: int
    seeds: Sequence[int]
    values: Sequence[float]
    mean: float
    error: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DotsFigure:
    """
    Attributes:
        measure: what the values are.
        arms: in the comparison's order.
        joined: places of arms, each with the next one, whose runs of a seed began with the same population and are few
            enough to be joined.
    """

    measure: str
    arms: Sequence[ArmDots]
    joined: Sequence[tuple[int, int]]


def dots_figure(arms: Arms, judgement: Judgement, paired: Collection[tuple[str, str]]) -> DotsFigure:
    """The figure of a judgement.

    Args:
        paired: pairs of arms, see `nas.comparison.results.paired_arms`.
    """
    dots = [
        ArmDots(
            name=name,
            place=place,
            seeds=[run.seed for run in runs],
            values=judgement.values[name],
            mean=mean(judgement.values[name]),
            error=shown_error(judgement.values[name]),
        )
        for place, (name, runs) in enumerate(arms.items())
    ]
    joined = [
        (first.place, second.place)
        for first, second in pairwise(dots)
        if (first.name, second.name) in paired and len(first.seeds) <= MOST_JOINED
    ]
    return DotsFigure(measure=judgement.measure, arms=dots, joined=joined)
