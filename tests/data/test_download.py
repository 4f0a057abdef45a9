"""The first use of a standard set: what torchvision finds becomes one .npz file, and what cannot be had is said."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.cifar10 import Cifar10
from nas.data.download import fetch
from nas.data.mnist import Mnist
from nas.data.npz_file import read_npz
from nas.errors import UserError

COMMON: dict[str, Any] = {
    "image_size": None,
    "fraction": 1.0,
    "num_valid": 10,
    "num_selection": 0,
    "split_seed": 0,
    "flip": False,
}


def write_idx(path: Path, array: np.ndarray) -> None:
    """MNIST's own format: two zero bytes, the type, the number of axes, their lengths, the bytes."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + array.astype(np.uint8).tobytes())
    with gzip.open(f"{path}.gz", "wb") as packed:
        packed.write(path.read_bytes())


def test_what_torchvision_reads_becomes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From files in MNIST's own format, which torchvision takes in place of a download."""
    rng = np.random.default_rng(0)
    images = {"train": rng.integers(0, 256, (30, 28, 28)), "t10k": rng.integers(0, 256, (20, 28, 28))}
    raw = tmp_path / "fixed" / "MNIST" / "raw"
    for part, pixels in images.items():
        write_idx(raw / f"{part}-images-idx3-ubyte", pixels)
        write_idx(raw / f"{part}-labels-idx1-ubyte", np.arange(len(pixels)) % 10)
    monkeypatch.setattr("tempfile.TemporaryDirectory", lambda **_: _Fixed(tmp_path / "fixed"))
    fetch("mnist", tmp_path / "mnist.npz")
    arrays = read_npz(tmp_path / "mnist.npz", 10)
    assert np.array_equal(arrays.x_train[..., 0], images["train"])
    assert np.array_equal(arrays.x_test[..., 0], images["t10k"])
    assert arrays.y_test.tolist() == [*range(10), *range(10)]


class _Fixed:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        return str(self._path)

    def __exit__(self, *_: object) -> None:
        pass


def test_a_root_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    dataset = Mnist(root=str(tmp_path / "file" / "data"), **COMMON)
    with pytest.raises(UserError, match=r"dataset\.root=.*cannot be made.*put mnist\.npz") as caught:
        dataset.load()
    assert "\n" not in str(caught.value)


def test_an_existing_file_of_another_size_is_refused(tmp_path: Path) -> None:
    images = np.zeros((20, 32, 32, 3), np.uint8)
    labels = np.arange(20) % 10
    np.savez(tmp_path / "cifar10.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(UserError, match="50000"):
        Cifar10(root=str(tmp_path), **COMMON).load()


def test_sizes_are_known_without_the_data(tmp_path: Path) -> None:
    dataset = Cifar10(root=str(tmp_path / "nowhere"), **(COMMON | {"num_valid": 5000, "fraction": 0.1}))
    assert (dataset.num_train, dataset.num_classes, dataset.image_shape) == (4500, 10, (3, 32, 32))


def test_a_failed_download_says_how_to_bring_the_set_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nothing listens
    dataset = Mnist(root=str(tmp_path / "new"), **COMMON)
    with pytest.raises(UserError, match=r"could not be downloaded \(.+\): put mnist\.npz with x_train"):
        dataset.load()
    assert not (tmp_path / "new").exists()
