"""Who descends from whom: every individual's descendants as one stretch of places (an Euler tour of the genealogy)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import Ints


@dataclass(frozen=True, slots=True)
class Descent:
    """By individual number; only the first parent counts.

    Attributes:
        place: in the tour: an individual, then its descendants.
        size: how many they are, itself included.
        founder: the random individual that it descends from, itself if it is one.
    """

    place: Ints
    size: Ints
    founder: Ints

    def of(self, number: int) -> NDArray[np.bool_]:
        """Which individuals descend from `number`, itself included."""
        begin = self.place[number]
        return (self.place >= begin) & (self.place < begin + self.size[number])


def descent(parent: Ints) -> Descent:
    """The genealogy of `nas.reporting.columns.Columns.parent`: parents have smaller numbers than their children."""
    parents = parent.tolist()
    size = [1] * len(parents)
    for number in range(len(parents) - 1, -1, -1):
        if parents[number] >= 0:
            size[parents[number]] += size[number]
    place, free, after = [0] * len(parents), [0] * len(parents), 0
    for number, of in enumerate(parents):
        if of < 0:
            place[number], after = after, after + size[number]
        else:
            place[number] = free[of]
            free[of] += size[number]
        free[number] = place[number] + 1
    places = np.array(place, dtype=np.int64)
    founders = np.flatnonzero(parent < 0)
    last = np.searchsorted(places[founders], places, side="right") - 1
    return Descent(places, np.array(size, dtype=np.int64), founders[last])
