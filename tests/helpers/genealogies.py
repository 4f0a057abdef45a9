"""Small made-up searches, as columns, and what a plain walk through them says: the truth for faster ways."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from nas.reporting.columns import NEVER, NOBODY, Columns


@dataclass(frozen=True)
class Genealogy:
    """By number: parent or `NOBODY`; when it was told (`NEVER` if it failed) and when it left, from 1; fitness."""

    parent: list[int]
    told: list[int]
    left: list[int]
    fitness: list[float]

    @property
    def columns(self) -> Columns:
        places = np.array(self.told, dtype=np.int64)
        told = np.flatnonzero(places != NEVER)
        nothing = np.full(len(self.parent), np.nan)
        return Columns(
            parent=np.array(self.parent, dtype=np.int64),
            told_place=places,
            left_place=np.array(self.left, dtype=np.int64),
            fitness=np.array(self.fitness, dtype=np.float64),
            fidelity=np.zeros(len(self.parent), dtype=np.int64),
            asked_s=nothing,
            finished_s=nothing,
            numbers_told=told[np.argsort(places[told])],
        )

    @property
    def num_told(self) -> int:
        return max(self.told, default=0)

    def line(self, number: int) -> list[int]:
        """The individual and its ancestors."""
        found = [number]
        while self.parent[found[-1]] != NOBODY:
            found.append(self.parent[found[-1]])
        return found

    def living(self, place: int) -> list[int]:
        """Numbers of those in the population after `place` were told."""
        pairs = zip(self.told, self.left, strict=True)
        return [number for number, (told, left) in enumerate(pairs) if told != NEVER and told <= place < left]

    def share(self, number: int, place: int) -> float:
        """Of the living, how many descend from `number`, itself included."""
        living = self.living(place)
        return sum(number in self.line(one) for one in living) / len(living) if living else 0.0


@st.composite
def genealogies(draw: st.DrawFn, most: int = 24) -> Genealogy:
    """Any: random ones at any time, failures, any order of telling, anybody leaving at any time or never."""
    size = draw(st.integers(1, most))
    parent: list[int] = []
    fails = [draw(st.integers(0, 5)) == 0 for _ in range(size)]
    for number in range(size):
        able = [other for other in range(number) if not fails[other]]
        parent.append(draw(st.sampled_from([NOBODY, *able])))
    told = [number for number in range(size) if not fails[number]]
    order: list[int] = []
    for number in told:  # children are told after their parents
        least = order.index(parent[number]) + 1 if parent[number] != NOBODY else 0
        order.insert(draw(st.integers(least, len(order))), number)
    places = [NEVER] * size
    for place, number in enumerate(order, start=1):
        places[number] = place
    left = [draw(st.integers(max(1, places[number]), len(order) + 1)) for number in range(size)]
    values = st.integers(0, 12).map(lambda tenth: tenth / 10)
    fitness = [float("nan") if fails[number] else draw(values) for number in range(size)]
    return Genealogy(parent, places, left, fitness)
