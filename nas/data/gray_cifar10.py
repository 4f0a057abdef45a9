"""G-CIFAR: CIFAR-10 in gray (Real et al. 2018, arXiv 1802.01548, supplement A)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.cifar10 import Cifar10
from nas.data.dataset import ImageShape
from nas.data.in_memory import Arrays
from nas.data.standard import StandardDataset

_WEIGHTS = np.array([299, 587, 114])  # thousandths of red, green and blue in luma (ITU-R BT.601)
_IMAGES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class GrayCifar10(StandardDataset):
    """CIFAR-10's images, 32x32 gray, made from `cifar10.npz`.

    Differs from the paper: it does not say how colours become gray; here by the usual luma weights, rounded.
    """

    name: ClassVar[str] = "gray_cifar10"
    source: ClassVar[str] = "cifar10"
    native_shape: ClassVar[ImageShape] = (1, 32, 32)
    classes: ClassVar[int] = 10
    num_official: ClassVar[int] = 50_000

    def arrays(self) -> Arrays:
        colour = self._from_file(Cifar10.native_shape)
        return Arrays(to_gray(colour.x_train), colour.y_train, to_gray(colour.x_test), colour.y_test)


def to_gray(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 `(number, height, width, 3)` to `(number, height, width, 1)`."""
    gray = np.empty((*images.shape[:3], 1), np.uint8)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        end = start + _IMAGES_AT_ONCE
        gray[start:end, ..., 0] = (images[start:end].astype(np.int32) @ _WEIGHTS.astype(np.int32) + 500) // 1000
    return gray
