"""Founders: how many of the random individuals still have living descendants, and when all descend from one."""

from dataclasses import dataclass

import numpy as np

from nas.reporting.columns import NEVER, Columns, Ints
from nas.reporting.descent import Descent
from nas.reporting.figures.takeover import first_child

MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class FoundersFigure:
    """
    Attributes:
        first: place of the first told child in the order of telling.
        told: how many were told.
        steps: (place, founders with living descendants) from there on, where it changes; of very many changes the last
            in each of `MOST_STEPS` stretches.
        fixed: (place, number) of the first moment, from the first child on, at which all descend from one founder, and
            of that founder; None if there is none.
        new: how many founders were told after the first child.
    """

    first: int
    told: int
    steps: list[tuple[int, int]]
    fixed: tuple[int, int] | None
    new: int

    @property
    def left(self) -> int:
        """Founders with living descendants at the end."""
        return self.steps[-1][1]


def founders_figure(columns: Columns, tree: Descent) -> FoundersFigure | None:
    """The figure of a search, None where nothing was mutated or no population is kept."""
    first = first_child(columns)
    if first is None:
        return None
    alive = founders_alive(columns, tree)[first - 1 :]
    if not alive.any():
        return None
    changes = np.flatnonzero(np.diff(alive, prepend=-1))
    fixed = np.flatnonzero(alive == 1)
    founders = columns.told_place[(tree.founder == np.arange(len(tree.founder))) & (columns.told_place != NEVER)]
    return FoundersFigure(
        first=first,
        told=columns.told,
        steps=_thin([(first + int(at), int(alive[at])) for at in changes], columns.told),
        fixed=(first + int(fixed[0]), _founder_at(first + int(fixed[0]), columns, tree)) if len(fixed) else None,
        new=int((founders > first).sum()),
    )


def founders_alive(columns: Columns, tree: Descent) -> Ints:
    """How many founders have somebody in the population after each told individual, from the first."""
    told = columns.told_place != NEVER
    beyond = columns.told + 2
    _, who = np.unique(tree.founder[told], return_inverse=True)
    moments = np.concatenate([who * beyond + columns.told_place[told], who * beyond + columns.left_place[told]])
    order = np.argsort(moments, kind="stable")
    moments = moments[order]
    descendants = np.cumsum(np.where(order < told.sum(), 1, -1))  # of one founder after the other: each ends with none
    last = np.flatnonzero(np.diff(moments, append=-1))
    some = (descendants[last] > 0).astype(np.int64)
    change = np.bincount(moments[last] % beyond, weights=np.diff(some, prepend=0), minlength=beyond)
    return np.cumsum(change).astype(np.int64)[1 : columns.told + 1]


def _founder_at(place: int, columns: Columns, tree: Descent) -> int:
    """Of somebody who lives at that place."""
    told = (columns.told_place != NEVER) & (columns.told_place <= place)
    return int(tree.founder[np.argmax(told & (columns.left_place > place))])


def _thin(steps: list[tuple[int, int]], told: int) -> list[tuple[int, int]]:
    if len(steps) <= MOST_STEPS:
        return steps
    return [steps[0], *{place * MOST_STEPS // (told + 1): (place, count) for place, count in steps[1:]}.values()]
