"""Images in memory are resized as Pillow does it."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from nas.data.digits import Digits
from nas.data.resize import resize


@pytest.mark.parametrize(("size", "new"), [(32, 16), (8, 20), (28, 32)])
def test_resizing_is_pillows(size: int, new: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, size, size, 3), dtype=np.uint8)
    got = resize(images, new)
    for number, image in enumerate(images):
        expected = np.asarray(Image.fromarray(image).resize((new, new), Image.Resampling.BILINEAR))
        assert np.abs(got[number].astype(int) - expected).max() <= 1


def test_a_data_set_resizes_all_its_parts() -> None:
    fields: dict[str, Any] = {"fraction": 0.1, "num_valid": 20, "num_selection": 5, "split_seed": 0, "flip": False}
    dataset = Digits(num_test=50, image_size=12, **fields)
    parts = dataset.load()
    assert dataset.image_shape == (1, 12, 12)
    for part in (parts.train, parts.valid, parts.selection, parts.test):
        assert np.asarray(part.images).shape[1:] == (12, 12, 1)
