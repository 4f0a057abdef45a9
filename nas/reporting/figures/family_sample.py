"""Which individuals of a large search its family tree draws."""

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import NOBODY
from nas.reporting.figures.family import Family
from nas.reporting.figures.sample import thin

MOST_NODES = 1200
LINEAGE_SHARE, LIVING_SHARE = 0.4, 0.4  # of the nodes, at most
MOST_ANCESTORS = 30  # of one individual that are drawn on its account


def drawn_nodes(family: Family, lineage: Sequence[int], alive: Sequence[int], ended: NDArray[np.bool_]) -> bytearray:
    """For every individual whether it is drawn: all, or of more than `MOST_NODES` a sample.

    The sample holds the line of ancestors of the best and those alive at the end (up to a share each), and of the
    others one from each of equal stretches of the search. Ancestors of the drawn are drawn, too, as far as there is
    room; the first of them is in any case, so that everybody hangs somewhere. The same search gives the same sample.

    Args:
        family: of all individuals.
        lineage: numbers of the best one's ancestors and itself, the first ancestor first.
        alive: numbers of those alive at the end.
        ended: who was told or failed, by number; a sample holds nobody else.
    """
    size = len(family.parent)
    if size <= MOST_NODES:
        return bytearray([True]) * size
    sample = _Sample(family, lineage)
    sample.take_all(alive, MOST_NODES * (LINEAGE_SHARE + LIVING_SHARE))
    before = -1
    while before < sample.count < MOST_NODES:
        before = sample.count
        others = np.flatnonzero(ended & (np.frombuffer(sample.drawn, dtype=np.uint8) == 0))
        sample.take_all(thin(others.tolist(), MOST_NODES - sample.count), MOST_NODES)
    return sample.drawn


class _Sample:
    """Takes individuals together with their ancestors, up to one that was met before."""

    def __init__(self, family: Family, lineage: Sequence[int]) -> None:
        self.parent = family.parent
        self.drawn = bytearray(len(self.parent))
        self.met = bytearray(len(self.parent))
        self.count = 0
        self.rng = Random(0)
        for number in lineage:
            self.met[number] = True
        ends = [*lineage[:1], *lineage[-1:]]
        self._draw([*ends, *thin(lineage, int(LINEAGE_SHARE * MOST_NODES) - len(ends))])

    def take_all(self, numbers: Sequence[int], most: float) -> None:
        """In random order, those that fit in while at most so many are drawn."""
        for number in self.rng.sample(numbers, len(numbers)):
            line = self._line(number)
            drawn = line
            if len(line) > MOST_ANCESTORS + 1:
                drawn = [number, *thin(line[1:-1], MOST_ANCESTORS - 1), line[-1]]
            if self.count + len(drawn) <= most:
                self._draw(drawn)
                for member in line:
                    self.met[member] = True

    def _line(self, number: int) -> list[int]:
        """The individual and its ancestors up to the first one that was met before."""
        line = [number]
        above = int(self.parent[number])
        while above != NOBODY and not self.met[above]:
            line.append(above)
            above = int(self.parent[above])
        return line

    def _draw(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.count += not self.drawn[number]
            self.drawn[number] = True
