"""The shape of a search's images and how many classes there are, as far as its journal tells."""

from collections.abc import Mapping
from typing import Any

from nas.data.cifar10 import Cifar10
from nas.data.cifar100 import Cifar100
from nas.data.dataset import ImageShape
from nas.data.fashion_mnist import FashionMnist
from nas.data.gray_cifar10 import GrayCifar10
from nas.data.mnist import Mnist

_STANDARD = (Cifar10, Cifar100, FashionMnist, GrayCifar10, Mnist)
_NATIVE: dict[str, ImageShape] = {dataset.name: dataset.native_shape for dataset in _STANDARD} | {"digits": (1, 8, 8)}
_CLASSES = {dataset.name: dataset.classes for dataset in _STANDARD} | {"digits": 10}
_COLOUR = ("image_folder", "imagenet")  # resized to the size that the identity names


def image_shape(identity: Mapping[str, Any]) -> ImageShape | None:
    """Channels, height and width; None for data sets whose identity does not say it, such as a file of arrays."""
    dataset = _dataset(identity)
    name, size = dataset.get("name"), dataset.get("image_size")
    if type(size) is not int or size < 1:
        return _NATIVE.get(str(name))
    if name in _COLOUR:
        return (3, size, size)
    native = _NATIVE.get(str(name))
    return (native[0], size, size) if native else None


def num_classes(identity: Mapping[str, Any]) -> int | None:
    """None for data sets whose identity does not say it: folders, whatever their name, and files of arrays."""
    return _CLASSES.get(str(_dataset(identity).get("name")))


def _dataset(identity: Mapping[str, Any]) -> Mapping[str, Any]:
    evaluator = identity.get("evaluator")
    dataset = evaluator.get("dataset") if isinstance(evaluator, Mapping) else None
    return dataset if isinstance(dataset, Mapping) else {}
