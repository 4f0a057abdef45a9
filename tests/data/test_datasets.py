"""Data sets: their parts, their content hash, and what is told about broken ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from nas.data.arrays import ArraysDataset
from nas.data.dataset import Dataset
from nas.data.digits import Digits
from nas.data.image_folder import ImageFolder
from nas.errors import UserError

COMMON: dict[str, Any] = {
    "image_size": None,
    "fraction": 1.0,
    "num_valid": 40,
    "num_selection": 20,
    "split_seed": 0,
    "flip": False,
}


def make_npz(path: Path, **changes: Any) -> Path:
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 255, (200, 6, 6, 3), dtype=np.uint8),
        "y_train": np.arange(200) % 4,
        "x_test": rng.integers(0, 255, (20, 6, 6, 3), dtype=np.uint8),
        "y_test": np.arange(20) % 4,
    } | changes
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def make_arrays(folder: Path, changes: dict[str, Any] | None = None, **fields: Any) -> ArraysDataset:
    path = make_npz(folder / f"{len(list(folder.iterdir()))}.npz", **(changes or {}))
    return ArraysDataset(path=str(path), **(COMMON | fields))


def make_folder(root: Path, classes: int = 3, images: int = 8) -> Path:
    rng = np.random.default_rng(0)
    for split, count in (("train", images), ("val", 3)):
        for number in range(classes):
            folder = root / split / f"class_{number}"
            folder.mkdir(parents=True)
            for image in range(count):
                pixels = rng.integers(0, 255, (20 + image, 24, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{image}.png")
    return root


def image_folder(root: Path, **fields: Any) -> ImageFolder:
    own = {"least_crop": 0.5, "central_fraction": 0.875, "mean": [0.5] * 3, "std": [0.25] * 3}
    return ImageFolder(
        root=str(root), **(COMMON | {"image_size": 16, "num_valid": 6, "num_selection": 0} | own | fields)
    )


def test_four_parts_without_overlap(tmp_path: Path) -> None:
    dataset = make_arrays(tmp_path)
    parts = dataset.load()
    assert [len(part) for part in (parts.train, parts.valid, parts.selection, parts.test)] == [140, 40, 20, 20]
    assert dataset.num_train == 140
    rows = [image.tobytes() for part in (parts.train, parts.valid, parts.selection) for image in part.images]
    assert len(set(rows)) == 200  # random images: a repeated one would mean a leak between parts


def test_the_split_follows_from_its_seed(tmp_path: Path) -> None:
    first, again = make_arrays(tmp_path), make_arrays(tmp_path)
    other = make_arrays(tmp_path, split_seed=1)
    assert np.array_equal(first.load().train.images, again.load().train.images)
    assert not np.array_equal(first.load().train.images, other.load().train.images)


def test_a_fraction_keeps_the_classes_in_proportion(tmp_path: Path) -> None:
    labels = make_arrays(tmp_path, fraction=0.5, num_valid=0, num_selection=0).load().train.labels
    assert len(labels) == 100
    assert np.bincount(labels).tolist() == [25, 25, 25, 25]


def test_identity_is_the_content_not_the_path(tmp_path: Path) -> None:
    here, there = make_arrays(tmp_path), make_arrays(tmp_path)
    assert here.path != there.path
    assert here.identity() == there.identity()
    changed = make_arrays(tmp_path, {"y_test": np.arange(20) % 2})
    assert changed.fingerprint() != here.fingerprint()


def test_digits_are_scikit_learns() -> None:
    dataset = Digits(num_test=360, **COMMON)
    parts = dataset.load()
    source = load_digits()
    assert dataset.image_shape == (1, 8, 8)
    assert np.array_equal(parts.test.labels, source.target[-360:])
    scaled = parts.test.images[..., 0].astype(float) / 255 * 16
    assert np.abs(scaled - source.images[-360:]).max() <= 16 / 255
    total = sum(len(part) for part in (parts.train, parts.valid, parts.selection, parts.test))
    assert total == 1797


def test_mean_and_deviation_are_those_of_the_training_part(tmp_path: Path) -> None:
    parts = make_arrays(tmp_path).load()
    scaled = np.asarray(parts.train.images) / 255
    assert parts.mean == pytest.approx(scaled.mean(axis=(0, 1, 2)))
    assert parts.std == pytest.approx(scaled.std(axis=(0, 1, 2)))


def test_a_folder_of_image_files(tmp_path: Path) -> None:
    dataset = image_folder(make_folder(tmp_path / "set"))
    parts = dataset.load()
    assert (dataset.num_classes, dataset.image_shape) == (3, (3, 16, 16))
    assert [len(part) for part in (parts.train, parts.valid, parts.test)] == [18, 6, 9]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x_test": None}, "lacks x_test"),
        ({"x_train": np.zeros((200, 6, 6, 3))}, "float64"),
        ({"x_train": np.zeros((200, 6), np.uint8)}, "shape"),
        ({"y_train": np.zeros(200)}, "whole numbers"),
        ({"y_train": np.zeros(199, int)}, "199 labels"),
        ({"y_test": np.full(20, 9)}, "label 9"),
        ({"y_train": np.arange(200) - 1}, "label -1"),
        ({"y_train": np.zeros(200, int), "y_test": np.zeros(20, int)}, "one class"),
        ({"x_test": np.zeros((20, 5, 6, 3), np.uint8)}, "shape"),
    ],
)
def test_a_broken_file_is_named_in_one_sentence(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    dataset = make_arrays(tmp_path, changes)
    with pytest.raises(UserError, match=words) as caught:
        dataset.identity()
    assert dataset.path in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK not really")
    with pytest.raises(UserError, match="cannot be read"):
        ArraysDataset(path=str(tmp_path / "x.npz"), **COMMON).identity()


@pytest.mark.parametrize(
    ("field", "value"), [("fraction", 0.0), ("fraction", 1.5), ("num_valid", -1), ("num_valid", 200)]
)
def test_fields_out_of_range(tmp_path: Path, field: str, value: float) -> None:
    with pytest.raises(UserError, match=field):
        make_arrays(tmp_path, **{field: value}).load()


def test_folders_with_too_few_classes_or_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        image_folder(tmp_path / "nowhere").identity()
    with pytest.raises(UserError, match="class"):
        image_folder(make_folder(tmp_path / "one", classes=1)).identity()
    empty = make_folder(tmp_path / "empty")
    (empty / "train" / "class_9").mkdir()
    (empty / "val" / "class_9").mkdir()
    with pytest.raises(UserError, match="class_9"):
        image_folder(empty).identity()


def test_parts_are_kept_for_the_next_child(tmp_path: Path) -> None:
    dataset: Dataset = make_arrays(tmp_path)
    assert dataset.load() is dataset.load()
