"""The four parts of a data set, as a worker loads them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.data.prepared.packed_images import PackedImages
from nas.data.prepared.shard_images import ShardImages

Images = NDArray[np.uint8] | PackedImages | list[str] | ShardImages


@dataclass(frozen=True, eq=False)
class Part:
    """Images with labels.

    Attributes:
        images: uint8 `(number, height, width, channels)` in memory, or mapped from a packed set; of folders, paths as a
            list of strings; of shards, what reads files out of them.
        labels: int64 `(number,)`.
    """

    images: Images
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
