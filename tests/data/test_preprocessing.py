"""An image comes to a network as it did in the final training's evaluation."""

from pathlib import Path

import numpy as np
import pytest
import torch
from parts import dataset
from PIL import Image

from nas.data.arrays import ArraysDataset
from nas.data.batches import evaluation_batches
from nas.data.class_names import class_names
from nas.data.dataset import Dataset
from nas.data.image_folder import ImageFolder
from nas.data.preprocessing import Preprocessing
from nas.errors import UserError

RNG = np.random.default_rng(0)


def evaluated(data: Dataset) -> torch.Tensor:
    batches = evaluation_batches(data, data.load().test, batch_size=500, device=torch.device("cpu"))
    return torch.cat([images for images, _ in batches])


def arrays(folder: Path, channels: int) -> ArraysDataset:
    images = RNG.integers(0, 256, (30, 9, 12, channels), dtype=np.uint8)
    labels = np.arange(30) % 3
    np.savez(folder / "mine.npz", x_train=images, y_train=labels, x_test=images[:5], y_test=labels[:5])
    fields = {"image_size": None, "fraction": 1.0, "num_valid": 3, "num_selection": 0, "split_seed": 0, "flip": False}
    return ArraysDataset(path=str(folder / "mine.npz"), **fields)  # type: ignore[arg-type]


def test_digits() -> None:
    for data in (dataset(), dataset(image_size=12)):
        preprocess = Preprocessing.of(data)
        given = torch.cat([preprocess(image) for image in dataset().load().test.images])
        assert torch.equal(given, evaluated(data))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_arrays_of_any_shape(tmp_path: Path, channels: int) -> None:
    data = arrays(tmp_path, channels)
    preprocess = Preprocessing.from_plain(Preprocessing.of(data).plain())
    assert torch.equal(torch.cat([preprocess(image) for image in data.load().test.images]), evaluated(data))


def test_image_files(tmp_path: Path) -> None:
    for split in ("train", "val"):
        for name in ("cat", "dog"):
            (tmp_path / split / name).mkdir(parents=True)
            for number in range(4):
                pixels = RNG.integers(0, 256, (20 + number, 31, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / split / name / f"{number}.png")
    data = ImageFolder(
        root=str(tmp_path), image_size=16, fraction=1.0, num_valid=2, num_selection=0, split_seed=0, flip=True,
        least_crop=0.08, central_fraction=0.875, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4),
    )  # fmt: skip
    preprocess = Preprocessing.of(data)
    files = data.load().test.images
    given = torch.cat([preprocess(path) for path in files])
    assert torch.allclose(given, evaluated(data), atol=1e-6, rtol=0)
    assert class_names(data) == ("cat", "dog")


def test_a_file_that_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("text")
    for name in ("a.png", "b.png"):
        with pytest.raises(UserError, match=f"{name} cannot be decoded"):
            Preprocessing.of(dataset())(tmp_path / name)


def test_names_of_classes() -> None:
    assert class_names(dataset()) == tuple("0123456789")
