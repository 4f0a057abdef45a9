"""Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747) from Debian's package dataset-fashion-mnist, as PNG in folders."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

INSTALLED = Path("/usr/share/datasets/fashion-mnist")
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


def fashion_folders(root: Path, train: int, test: int) -> Path:
    """train/CLASS and test/CLASS with the first images of the official parts."""
    if not INSTALLED.is_dir():
        pytest.skip("needs the Debian package dataset-fashion-mnist")
    for part, prefix, count in (("train", "train", train), ("test", "t10k", test)):
        with gzip.open(INSTALLED / f"{prefix}-images-idx3-ubyte.gz") as file:
            images = np.frombuffer(file.read(16 + count * 784)[16:], np.uint8).reshape(count, 28, 28)
        with gzip.open(INSTALLED / f"{prefix}-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(8 + count)[8:], np.uint8)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            folder = root / part / CLASSES[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{number:05d}.png")
    return root
