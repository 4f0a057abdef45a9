"""Who descends from whom, over all individuals of a search.

Of several parents the first counts, as in `History.lineage`: it is the one that was mutated.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas.reporting.columns import NEVER, NOBODY, Columns, Floats, Ints


@dataclass(frozen=True, slots=True)
class Family:
    """By individual number.

    Attributes:
        parent: of the columns.
        born: place in the order of telling, from 1; those without a fitness lie half a place after the last that was
            told before their end, those without an end after all.
        generation: mutations from the first ancestor, which has 0.
        children: how many individuals have it as their parent.
        living: how many of those alive at the end descend from it, itself included.
        num_living: how many are alive at the end.
    """

    parent: Ints
    born: Floats
    generation: Ints
    children: Ints
    living: Ints
    num_living: int

    @property
    def founders(self) -> Ints:
        """Numbers of those without a parent."""
        return np.flatnonzero(self.parent == NOBODY)

    @property
    def common_ancestor(self) -> int | None:
        """The latest individual from which all that are alive at the end descend, or which is itself the one that the
        others descend from; None without one, or where fewer than two are alive."""
        shared = np.flatnonzero(self.living == self.num_living)
        return int(shared[-1]) if len(shared) and self.num_living > 1 else None


def family(columns: Columns) -> Family:
    """The family of a search's individuals, each of which has a higher number than its parent."""
    parent, alive = columns.parent, columns.alive
    parents, generation, living = _array(parent), _array(np.zeros_like(parent)), _array(alive.astype(np.int64))
    for number, its_parent in enumerate(parents):
        if its_parent != NOBODY:
            generation[number] = generation[its_parent] + 1
    for number in range(len(parents) - 1, -1, -1):
        if living[number] and parents[number] != NOBODY:
            living[parents[number]] += living[number]
    return Family(
        parent=parent,
        born=_born(columns),
        generation=np.frombuffer(generation, dtype=np.int64),
        children=np.bincount(parent[parent != NOBODY], minlength=len(parent)),
        living=np.frombuffer(living, dtype=np.int64),
        num_living=int(alive.sum()),
    )


def nearest_drawn(parent: Ints, drawn: Sequence[bool] | bytearray) -> "array[int]":
    """For every individual its nearest ancestor among those that are drawn, `NOBODY` without one."""
    nearest = _array(parent)
    for number, its_parent in enumerate(nearest):
        if its_parent != NOBODY and not drawn[its_parent]:
            nearest[number] = nearest[its_parent]
    return nearest


def _array(values: Ints) -> "array[int]":
    """What can be walked through fast without an object for each number."""
    return array("q", values.tobytes())


def _born(columns: Columns) -> Floats:
    told_s = np.nan_to_num(columns.finished_s[columns.numbers_told])
    ended = np.searchsorted(told_s, columns.finished_s, side="right")  # nan comes last
    return np.where(columns.told_place != NEVER, columns.told_place, ended + 0.5)
