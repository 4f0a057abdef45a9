"""The shape of a search's images, as far as its journal tells."""

from collections.abc import Mapping
from typing import Any

from nas.data.cifar10 import Cifar10
from nas.data.cifar100 import Cifar100
from nas.data.dataset import ImageShape
from nas.data.fashion_mnist import FashionMnist
from nas.data.gray_cifar10 import GrayCifar10
from nas.data.mnist import Mnist

_NATIVE: dict[str, ImageShape] = {
    dataset.name: dataset.native_shape for dataset in (Cifar10, Cifar100, FashionMnist, GrayCifar10, Mnist)
} | {"digits": (1, 8, 8)}
_COLOUR = ("image_folder", "imagenet")  # resized to the size that the identity names


def image_shape(identity: Mapping[str, Any]) -> ImageShape | None:
    """Channels, height and width; None for data sets whose identity does not say it, such as a file of arrays."""
    evaluator = identity.get("evaluator")
    dataset = evaluator.get("dataset") if isinstance(evaluator, Mapping) else None
    if not isinstance(dataset, Mapping):
        return None
    name, size = dataset.get("name"), dataset.get("image_size")
    if type(size) is not int or size < 1:
        return _NATIVE.get(str(name))
    if name in _COLOUR:
        return (3, size, size)
    native = _NATIVE.get(str(name))
    return (native[0], size, size) if native else None
