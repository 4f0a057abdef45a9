"""Mean and standard deviation of the training images, exact and without a copy of them as floats."""

import numpy as np
from numpy.typing import NDArray

_IMAGES_AT_ONCE = 1000
_LEAST_STD = 1 / 255  # images of one colour have none


def channel_statistics(images: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation per channel of uint8 `(number, height, width, channels)`, scaled to 0-1."""
    counts = np.zeros((images.shape[-1], 256), np.int64)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        for channel, count in enumerate(counts):
            count += np.bincount(images[start : start + _IMAGES_AT_ONCE, ..., channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    shares = counts / counts.sum(1, keepdims=True)
    mean = shares @ values
    deviation = np.sqrt(np.maximum(shares @ values**2 - mean**2, 0))
    return tuple(map(float, mean)), tuple(map(float, np.maximum(deviation, _LEAST_STD)))
