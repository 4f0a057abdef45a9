"""The four parts of a folder's images: as the folder gives them, and the others carved out."""

from dataclasses import dataclass

import numpy as np

from nas.data.folder_listing import Listing
from nas.data.prepared.kept_listing import KeptListing
from nas.data.seeds import derived_seed
from nas.data.split import Indices, PartSizes, balanced_order, part_sizes, split
from nas.data.unit_split import split_units
from nas.errors import UserError


@dataclass(frozen=True, eq=False)
class Division:
    """Places in the listing's files, each in ascending order.

    Attributes:
        given: words on parts that the folder gives, see `divide`.
    """

    train: Indices
    valid: Indices
    selection: Indices
    test: Indices
    given: str


def divide(
    listing: Listing | KeptListing,
    *,
    num_valid: float,
    num_selection: float,
    num_test: float,
    fraction: float,
    seed: int,
) -> Division:
    """
    The folder's test/ is the sealed test part; where it has none, its val/ is, as in ImageNet, for a search must not
    see what is tested in the end. Where test/ and val/ are there, val/ measures the fitness. What is not given is
    carved out of the rest, classes in proportion and units whole.

    Args:
        num_valid, num_selection, num_test: of images; below 1 a share of those that the folder puts into no part but
            train. Of parts that are given they say nothing.
        fraction: of what is left to train on.

    Raises:
        UserError: nothing is left to train on, or a part gets no image because units are too large.
    """
    val, test = listing.of_part("val"), listing.of_part("test")
    given = " and ".join(f"{part}/" for part, places in (("val", val), ("test", test)) if len(places))
    if not len(test):
        val, test = test, val
    pool = np.concatenate([listing.of_part("train"), listing.of_part(None)])
    total = len(pool)
    if not len(test):
        test, pool = _carved(listing, pool, [_count(num_test, total)], derived_seed(seed, "test"))
    wanted_valid = 0 if len(val) else _count(num_valid, total)
    sizes = part_sizes(len(pool), wanted_valid, _count(num_selection, total), fraction)
    train, valid, selection = _rest_of(listing, pool, sizes, fraction, seed)
    return Division(train, val if len(val) else valid, selection, test, given)


def _carved(listing: Listing | KeptListing, pool: Indices, sizes: list[int], seed: int) -> list[Indices]:
    labels, units = listing.labels[pool], listing.units[pool]
    part_sizes(len(pool), 0, sum(sizes), 1.0)
    parts = [np.sort(pool[chosen]) for chosen in split_units(labels, units, sizes, seed)]
    for part, size in zip(parts, sizes, strict=False):
        _refuse_none(listing, part, size)
    return parts


def _rest_of(
    listing: Listing | KeptListing, pool: Indices, sizes: PartSizes, fraction: float, seed: int
) -> tuple[Indices, Indices, Indices]:
    labels = listing.labels[pool]
    if len(np.unique(listing.units[pool])) == len(pool):
        train, valid, selection = (pool[chosen] for chosen in split(labels, sizes, seed))
        return train, valid, selection
    valid, selection, rest = _carved(listing, pool, [sizes.valid, sizes.selection], seed)
    number = int(fraction * len(rest) + 0.5)
    train = np.sort(rest[balanced_order(listing.labels[rest], seed)[:number]])
    _refuse_none(listing, train, sizes.train)
    return train, valid, selection


def _refuse_none(listing: Listing | KeptListing, part: Indices, wanted: int) -> None:
    if wanted and not len(part):
        largest = int(np.bincount(listing.units).max())
        raise UserError(
            f"the images of {listing.root} cannot be divided: one group, or copies of one picture, hold {largest} of "
            f"{len(listing.files)}, so that a part of {wanted} gets none"
        )


def _count(number: float, total: int) -> int:
    return max(1, round(number * total)) if 0 < number < 1 else int(number)
