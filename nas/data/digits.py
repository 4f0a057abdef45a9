"""scikit-learn's embedded handwritten digits (the test set of UCI's optdigits; Alpaydin and Kaynak 1998)."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np

from nas.data.dataset import ImageShape
from nas.data.in_memory import Arrays, InMemoryDataset
from nas.errors import UserError

_NUM_DIGITS = 1797
_LARGEST = 16  # pixels count the dark ones of a 4x4 block


@dataclass(frozen=True, kw_only=True)
class Digits(InMemoryDataset):
    """1,797 images, 8x8 gray, 10 classes; nothing to download.

    A pixel is a whole number from 0 to 16; it becomes round(pixel * 255 / 16), one grey for each, so that images are
    uint8 as everywhere else. The set has no official test part: the last `num_test` images in its own order are it,
    whatever the seeds.

    Attributes:
        num_test: images of the test part.
    """

    num_test: int
    name: ClassVar[str] = "digits"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_count("num_test", 1)
        if self.num_test >= _NUM_DIGITS:
            raise UserError(
                f"dataset.num_test is {self.num_test}, it must be below the number of images, {_NUM_DIGITS}"
            )

    @property
    def image_shape(self) -> ImageShape:
        return (1, self.image_size or 8, self.image_size or 8)

    @property
    def num_classes(self) -> int:
        return 10

    @property
    def num_images(self) -> int:
        return _NUM_DIGITS - self.num_test

    def arrays(self) -> Arrays:
        table = np.loadtxt(_file(), delimiter=",", dtype=np.int64)
        assert table.shape == (_NUM_DIGITS, 65)
        images = np.rint(table[:, :64] * 255 / _LARGEST).astype(np.uint8).reshape(-1, 8, 8, 1)
        labels = table[:, 64].copy()
        end = self.num_images
        return Arrays(images[:end], labels[:end], images[end:], labels[end:])


def _file() -> Path:
    # The table that `load_digits` reads, without importing scikit-learn: that takes 1.5 s, in every driver and worker.
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
