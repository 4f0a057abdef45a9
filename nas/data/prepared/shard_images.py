"""Image files in shards: some hundred files that hold them one after the other, instead of a million of their own.

Written and read by litdata, which the extra `shards` brings. Any image can be read alone, so shards keep the order, the
augmentation and the shares of ranks and workers that files of a folder have, and change no number.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError


@dataclass(frozen=True, eq=False)
class ShardImages:
    """Some images of a set of shards. Pickled as a path and numbers, so any process may read.

    Attributes:
        folder: of the shards.
        numbers: of the images, int64.
    """

    folder: Path
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    def content(self, index: int) -> BytesIO:
        """An image's file.

        Raises:
            UserError: litdata is missing.
        """
        return BytesIO(_reader(self.folder)[int(self.numbers[index])])

    def name(self, index: int) -> str:
        """What an error calls the image."""
        return f"image {int(self.numbers[index])} of {self.folder}"


@lru_cache(maxsize=2)
def _reader(folder: Path) -> Any:
    return litdata().StreamingDataset(str(folder))


def litdata() -> Any:
    """The library.

    Raises:
        UserError: it is not installed.
    """
    litdata_version()
    import litdata

    return litdata


def litdata_version() -> str:
    """Of the library, which is slow to import.

    Raises:
        UserError: it is not installed.
    """
    try:
        return version("litdata")
    except PackageNotFoundError as error:
        raise UserError("shards need the package litdata: pip install 'nas-evolve[shards]' brings it") from error
