"""Any .npz file of labelled images."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from nas.data.dataset import ImageShape
from nas.data.in_memory import Arrays, InMemoryDataset
from nas.data.npz_file import read_npz
from nas.errors import UserError


@dataclass(frozen=True, kw_only=True)
class ArraysDataset(InMemoryDataset):
    """A file's own images.

    Attributes:
        path: an .npz file with x_train and x_test, uint8 `(number, height, width[, channels])`, and y_train and y_test,
            whole numbers from 0; every class has training images.
    """

    path: str = field(metadata={"identity": False})
    name: ClassVar[str] = "arrays"

    @property
    def image_shape(self) -> ImageShape:
        height, width, channels = _facts(self.path).shape
        return (channels, self.image_size or height, self.image_size or width)

    @property
    def num_classes(self) -> int:
        return _facts(self.path).num_classes

    @property
    def num_images(self) -> int:
        return _facts(self.path).num_images

    def fingerprint(self) -> str:
        return _facts(self.path).fingerprint

    def arrays(self) -> Arrays:
        path = Path(self.path).expanduser()
        arrays = read_npz(path)
        counts = np.bincount(arrays.y_train)
        if len(counts) < 2:
            raise UserError(f"{path} holds one class only, there must be at least two")
        if not counts.all():
            raise UserError(
                f"{path} holds no training image of class {counts.argmin()}, labels go up to {len(counts) - 1}"
            )
        return arrays


@dataclass(frozen=True)
class _Facts:
    shape: tuple[int, int, int]  # height, width, channels
    num_classes: int
    num_images: int
    fingerprint: str


@lru_cache(maxsize=8)
def _facts(path: str) -> _Facts:
    """What a driver asks about the file, without keeping its images."""
    fields = {"image_size": None, "fraction": 1.0, "num_valid": 0, "num_selection": 0, "split_seed": 0, "flip": False}
    arrays = ArraysDataset(path=path, **fields).arrays()  # type: ignore[arg-type]
    return _Facts(arrays.x_train.shape[1:], int(arrays.y_train.max()) + 1, len(arrays.y_train), arrays.fingerprint())
