"""Folders in ImageNet's layout, of small images that are quick to write."""

from pathlib import Path

import numpy as np
from PIL import Image


def image_tree(root: Path, *, classes: int, train: int, val: int, size: tuple[int, int] = (44, 36)) -> Path:
    """train/WNID/*.JPEG and val/WNID/*.JPEG of blurred noise, tinted by class.

    Args:
        train: images of each class.
        val: likewise.
        size: width and height of the smallest; others are some pixels larger.
    """
    rng = np.random.default_rng(0)
    for part, count in (("train", train), ("val", val)):
        for label in range(classes):
            folder = root / part / f"n{label:08d}"
            folder.mkdir(parents=True)
            tint = np.random.default_rng(label).integers(0, 128, 3)
            for number in range(count):
                pixels = (rng.integers(0, 128, (6, 7, 3)) + tint).astype(np.uint8)
                image = Image.fromarray(pixels).resize((size[0] + number % 5, size[1] + number % 3))
                image.save(folder / f"{folder.name}_{number}.JPEG")
    return root
