"""CIFAR-10 (Krizhevsky 2009)."""

from dataclasses import dataclass
from typing import ClassVar

from nas.data.dataset import ImageShape
from nas.data.standard import StandardDataset


@dataclass(frozen=True, kw_only=True)
class Cifar10(StandardDataset):
    """50,000 training and 10,000 test images, 32x32 colour, 10 classes."""

    name: ClassVar[str] = "cifar10"
    source: ClassVar[str] = "cifar10"
    native_shape: ClassVar[ImageShape] = (3, 32, 32)
    classes: ClassVar[int] = 10
    num_official: ClassVar[int] = 50_000
