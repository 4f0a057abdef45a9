"""Which images were in which part of a data set, as files of an archive.

Images in memory are known by their index in the official training part, `split/train.npy`; images in files by their
path below the data set's root, a line each, `split/train.txt`.
"""

import io
from typing import Any

import numpy as np

from nas.data.image_folder import ImageFolder
from nas.data.in_memory import InMemoryDataset
from nas.data.split import split
from nas.reproduction.archive_files import PARTS, SPLIT


def split_files(dataset: Any) -> dict[str, bytes]:
    """Content by name; none for data sets that keep images in another way.

    Raises:
        UserError: the data is missing or damaged.
    """
    if isinstance(dataset, InMemoryDataset):
        indices = split(dataset.arrays().y_train, dataset.sizes, dataset.split_seed)
        return {f"{SPLIT}/{part}.npy": _npy(own.astype("<i8")) for part, own in zip(PARTS, indices, strict=True)}
    if isinstance(dataset, ImageFolder):
        names, division = dataset.listing.names, dataset.division
        return {f"{SPLIT}/{part}.txt": _lines(names, getattr(division, part)) for part in PARTS}
    return {}


def _npy(indices: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, indices, allow_pickle=False)
    return file.getvalue()


def _lines(names: list[str], places: Any) -> bytes:
    return "".join(f"{names[place]}\n" for place in places).encode()
