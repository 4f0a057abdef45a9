"""The published sets, where this machine has them: NAS_TEST_DATA names the folder of their .npz files."""

import os
from typing import Any

import numpy as np
import pytest

from nas.data.cifar10 import Cifar10
from nas.data.gray_cifar10 import GrayCifar10
from nas.data.mnist import Mnist

ROOT = os.environ.get("NAS_TEST_DATA", "")
pytestmark = pytest.mark.skipif(
    not ROOT, reason="NAS_TEST_DATA is unset: it names a folder with cifar10.npz and mnist.npz"
)
COMMON: dict[str, Any] = {
    "root": ROOT,
    "image_size": None,
    "fraction": 1.0,
    "num_valid": 5000,
    "num_selection": 0,
    "split_seed": 0,
    "flip": True,
}


def test_cifar10_has_the_papers_parts_and_known_statistics() -> None:
    parts = Cifar10(**COMMON).load()
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == [45000, 5000, 10000]
    # the channel statistics that public code uses for CIFAR-10
    assert parts.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=2e-3)
    assert parts.std == pytest.approx((0.2470, 0.2435, 0.2616), abs=2e-3)


def test_gray_cifar10_is_the_luminance() -> None:
    gray, colour = GrayCifar10(**COMMON), Cifar10(**COMMON)
    assert gray.image_shape == (1, 32, 32)
    images = np.asarray(colour.load().valid.images[:100], dtype=float)
    expected = images @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    assert np.abs(gray.load().valid.images[:100, ..., 0] - expected).max() <= 1.0


def test_mnist() -> None:
    dataset = Mnist(**(COMMON | {"flip": False}))
    parts = dataset.load()
    assert dataset.image_shape == (1, 28, 28)
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == [55000, 5000, 10000]
    assert parts.mean == pytest.approx((0.1307,), abs=1e-3)
