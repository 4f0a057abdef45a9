"""Images in a memory-mapped array, of which every process of a node shares the pages. Torch-free."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

IMAGES_FILE = "images.npy"


@dataclass(frozen=True, eq=False)
class PackedImages:
    """Some rows of a packed set, read when they are asked for. Pickled as a path and numbers.

    Attributes:
        path: of the array, uint8 `(number, height, width, channels)`.
        rows: which of its images, int64.
    """

    path: Path
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.rows), *mapped(self.path).shape[1:])

    def __getitem__(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A copy of the images at these places, read in the order in which they lie on disk."""
        rows = self.rows[indices]
        order = np.argsort(rows, kind="stable")
        found = np.empty((len(rows), *self.shape[1:]), np.uint8)
        found[order] = mapped(self.path)[rows[order]]
        return found


@lru_cache(maxsize=4)
def mapped(path: Path) -> NDArray[np.uint8]:
    """The array, mapped for reading once in a process."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    assert array.dtype == np.uint8
    return array
