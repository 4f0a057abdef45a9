"""Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747): articles of clothing."""

from dataclasses import dataclass
from typing import ClassVar

from nas.data.dataset import ImageShape
from nas.data.standard import StandardDataset


@dataclass(frozen=True, kw_only=True)
class FashionMnist(StandardDataset):
    """60,000 training and 10,000 test images, 28x28 gray, 10 classes."""

    name: ClassVar[str] = "fashion_mnist"
    source: ClassVar[str] = "fashion_mnist"
    native_shape: ClassVar[ImageShape] = (1, 28, 28)
    classes: ClassVar[int] = 10
    num_official: ClassVar[int] = 60_000
