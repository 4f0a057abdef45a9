"""Data sets that fit into memory as uint8 arrays."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from nas.data.dataset import Dataset
from nas.data.parts import Part, Parts
from nas.data.split import split
from nas.data.statistics import channel_statistics


@dataclass(frozen=True, eq=False)
class Arrays:
    """Official training and test images, uint8 `(number, height, width, channels)`, with int64 labels `(number,)`."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]

    def fingerprint(self) -> str:
        """32 hexadecimal digits that depend on shapes and content."""
        digest = sha256()
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            digest.update(repr(array.shape).encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class InMemoryDataset(Dataset):
    """Carves the parts out of arrays, which a subclass provides."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """The official images; read anew on every call.

        Raises:
            UserError: they are missing or damaged.
        """

    def fingerprint(self) -> str:
        return _fingerprint(self)

    def _load(self) -> Parts:
        arrays = self.arrays()
        indices = split(arrays.y_train, self.sizes, self.split_seed)
        images = [self._resized(arrays.x_train[chosen]) for chosen in indices]
        train, valid, selection = map(Part, images, [arrays.y_train[chosen] for chosen in indices])
        test = Part(self._resized(arrays.x_test), arrays.y_test)
        return Parts(train, valid, selection, test, *channel_statistics(images[0]))

    def _resized(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.image_size is None or images.shape[1:3] == (self.image_size, self.image_size):
            return images
        from nas.data.resize import resize

        return resize(images, self.image_size)


@lru_cache(maxsize=8)
def _fingerprint(dataset: InMemoryDataset) -> str:
    return dataset.arrays().fingerprint()
