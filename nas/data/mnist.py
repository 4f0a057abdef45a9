"""MNIST (LeCun, Cortes and Burges): handwritten digits."""

from dataclasses import dataclass
from typing import ClassVar

from nas.data.dataset import ImageShape
from nas.data.standard import StandardDataset


@dataclass(frozen=True, kw_only=True)
class Mnist(StandardDataset):
    """60,000 training and 10,000 test images, 28x28 gray, 10 classes."""

    name: ClassVar[str] = "mnist"
    source: ClassVar[str] = "mnist"
    native_shape: ClassVar[ImageShape] = (1, 28, 28)
    classes: ClassVar[int] = 10
    num_official: ClassVar[int] = 60_000
