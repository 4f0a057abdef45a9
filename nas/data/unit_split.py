"""Carves parts out of images of which some must stay together: those of a group, or equal pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.data.split import Indices, balanced_order


def split_units(labels: Indices, units: Indices, sizes: Sequence[int], seed: int) -> list[Indices]:
    """Indices of the parts, and of the rest, each in ascending order.

    A unit goes whole to one part: the largest first, each to where it brings the classes nearest to their proportion,
    as scikit-learn's StratifiedGroupKFold does for folds of equal size. A part holds `sizes` images to within a unit.

    Args:
        labels: `(images,)`.
        units: `(images,)`; images of equal number stay together.
        sizes: wanted of each part; what is left is the rest.
        seed: decides among equals.
    """
    wanted = np.array([len(labels) - sum(sizes), *sizes])
    _, unit_of, num_images = np.unique(units, return_inverse=True, return_counts=True)
    counts = np.zeros((len(num_images), int(labels.max()) + 1))
    np.add.at(counts, (unit_of, labels), 1)
    need = wanted[:, None] * (counts.sum(0) / len(labels))
    part_of = np.empty(len(num_images), np.int64)
    possible = np.flatnonzero(wanted)
    for unit in _in_turn(labels, unit_of, num_images, seed):
        own = counts[unit]
        nearer = ((2 * need[possible] - own) * own).sum(1) / wanted[possible]
        part = possible[int(np.argmax(nearer))]
        need[part] -= own
        part_of[unit] = part
    rest, *parts = (np.flatnonzero(part_of[unit_of] == part) for part in range(len(wanted)))
    return [*parts, rest]


def _in_turn(labels: Indices, unit_of: Indices, num_images: NDArray[np.int64], seed: int) -> Indices:
    """The largest units first, equal ones in a random order with the classes in proportion."""
    order = unit_of[balanced_order(labels, seed)]
    _, first = np.unique(order, return_index=True)
    return np.lexsort((first, -num_images))
