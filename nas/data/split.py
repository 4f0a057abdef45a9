"""Carves the search's parts out of the official training images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.data.seeds import derived_seed
from nas.errors import UserError

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class PartSizes:
    """How many images each part gets."""

    train: int
    valid: int
    selection: int


def part_sizes(num_images: int, num_valid: int, num_selection: int, fraction: float) -> PartSizes:
    """Sizes of the parts of `num_images` training images; `fraction` is taken of what validation and selection leave.

    Raises:
        UserError: nothing is left to train on.
    """
    left = num_images - num_valid - num_selection
    if left < 1:
        raise UserError(
            f"dataset.num_valid is {num_valid} and dataset.num_selection {num_selection}, together they must be below "
            f"the number of training images, {num_images}"
        )
    train = int(fraction * left + 0.5)
    if train < 1:
        raise UserError(f"dataset.fraction is {fraction}, which leaves none of {left} images to train on")
    return PartSizes(train, num_valid, num_selection)


def split(labels: Indices, sizes: PartSizes, seed: int) -> tuple[Indices, Indices, Indices]:
    """Indices of the train, valid and selection parts, each with the classes in proportion and in ascending order.

    Validation and selection depend on the seed and their sizes alone, not on how much of the rest is trained on.
    The papers do not say whether their validation images are balanced; that they are takes noise from the fitness.
    """
    order = balanced_order(labels, seed)
    ends = np.cumsum([sizes.valid, sizes.selection, sizes.train])
    valid, selection, train = (np.sort(part) for part in np.split(order, ends)[:3])
    return train, valid, selection


def balanced_order(labels: Indices, seed: int) -> Indices:
    """A random order of all images in which every stretch has the classes in proportion, to within an image or so."""
    # RandomState and not Generator: numpy promises that its stream never changes, and a split must outlive an upgrade.
    shuffled = np.random.RandomState(derived_seed(seed, "split") % 2**32).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    _, counts = np.unique(labels, return_counts=True)
    place = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    tie = np.empty(len(labels), np.int64)
    tie[shuffled] = np.arange(len(labels))
    return by_class[np.lexsort((tie[by_class], place))]
