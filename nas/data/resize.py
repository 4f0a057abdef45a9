"""Resizes images in memory; in a worker only, as it needs torch."""

import numpy as np
from numpy.typing import NDArray

_IMAGES_AT_ONCE = 1000


def resize(images: NDArray[np.uint8], size: int | tuple[int, int]) -> NDArray[np.uint8]:
    """uint8 `(number, height, width, channels)` to another size, bilinear with antialiasing.

    Args:
        size: height and width, or one number for both.
    """
    import torch
    import torch.nn.functional as F

    height, width = size if isinstance(size, tuple) else (size, size)
    resized = np.empty((len(images), height, width, images.shape[3]), np.uint8)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        chunk = torch.from_numpy(images[start : start + _IMAGES_AT_ONCE]).permute(0, 3, 1, 2).float()
        scaled = F.interpolate(chunk, (height, width), mode="bilinear", antialias=True).round_().clamp_(0, 255)
        resized[start : start + _IMAGES_AT_ONCE] = scaled.to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return resized
