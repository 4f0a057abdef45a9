"""Which images were in which part of a data set, as files of an archive.

Images in memory are known by their index in the official training part, `split/train.npy`; images in files by their
path below the data set's root, a line each, `split/train.txt`.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np

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
    parts, root = dataset.load(), getattr(dataset, "root", None)
    images = {part: getattr(parts, part).images for part in PARTS}
    if root is None or not all(isinstance(own, list) for own in images.values()):
        return {}
    folder = Path(root).expanduser()
    return {f"{SPLIT}/{part}.txt": _lines(folder, own) for part, own in images.items()}


def _npy(indices: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, indices, allow_pickle=False)
    return file.getvalue()


def _lines(folder: Path, paths: list[str]) -> bytes:
    return "".join(f"{Path(path).relative_to(folder).as_posix()}\n" for path in paths).encode()
