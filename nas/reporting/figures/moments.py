"""The population at moments that are spread evenly over a search."""

from dataclasses import dataclass

import numpy as np

from nas.reporting.columns import NEVER, Columns, Ints

MOST_MOMENTS = 50
MOST_MEMBERS = 1000
WINDOW = 100  # told individuals that stand for the population where none is kept
LEAST_MEMBERS = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Attributes:
        place: in the order of telling.
        size: of the population after it.
        members: numbers of its members; of more than `MOST_MEMBERS` so many, drawn at random.
    """

    place: int
    size: int
    members: Ints


@dataclass(frozen=True, slots=True)
class Moments:
    """
    Attributes:
        moments: in the order of telling, up to the last told; empty where the population never has two members.
        kept: whether the search keeps a population; else its last `WINDOW` told individuals stand for it.
    """

    moments: list[Moment]
    kept: bool

    @property
    def sampled(self) -> bool:
        """Whether a population had more members than are looked at."""
        return any(moment.size > MOST_MEMBERS for moment in self.moments)


def moments_of(columns: Columns) -> Moments:
    """The same journal gives the same moments and members."""
    sizes = columns.living(np.ones(len(columns.parent), dtype=bool))
    kept = bool((sizes >= LEAST_MEMBERS).any())
    if not kept:
        sizes = np.minimum(np.arange(1, columns.told + 1), WINDOW)
    enough = np.flatnonzero(sizes >= LEAST_MEMBERS) + 1
    if not len(enough):
        return Moments([], kept)
    places = np.unique(np.linspace(enough[0], enough[-1], MOST_MOMENTS).round().astype(np.int64))
    left = columns.left_place if kept else columns.told_place + WINDOW
    made = (_moment(int(place), columns, left) for place in places)
    return Moments([moment for moment in made if moment.size >= LEAST_MEMBERS], kept)


def _moment(place: int, columns: Columns, left: Ints) -> Moment:
    told = (columns.told_place != NEVER) & (columns.told_place <= place)
    members = np.flatnonzero(told & (left > place))
    size = len(members)
    if size > MOST_MEMBERS:
        members = np.sort(np.random.default_rng(place).choice(members, MOST_MEMBERS, replace=False))
    return Moment(place, size, members)
