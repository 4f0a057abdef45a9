"""The four parts of a data set, as a worker loads them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Part:
    """Images with labels.

    Attributes:
        images: uint8 `(number, height, width, channels)` in memory; for folders, paths as a list of strings.
        labels: int64 `(number,)`.
    """

    images: NDArray[np.uint8] | list[str]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Parts:
    """What a search sees (train, valid), what choosing among its best may see besides (selection), and the sealed rest.

    Attributes:
        train: what networks are trained on.
        valid: measures the fitness.
        selection: empty unless asked for.
        test: sealed, see contract 9 in the design notes: only final reports read it.
        mean: per channel, of images scaled to 0-1, over the training part.
        std: likewise.
    """

    train: Part
    valid: Part
    selection: Part
    test: Part
    mean: tuple[float, ...]
    std: tuple[float, ...]
