"""Augmentation against plain numpy, and batches that follow from seed and epoch alone."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from nas.data.arrays import ArraysDataset
from nas.data.augmentation import Augmentation
from nas.data.batches import evaluation_batches, training_batches
from nas.data.transforms import crop, cut_out, mirror

RNG = np.random.default_rng(0)


def test_crop_takes_the_shifted_window_of_the_padded_image() -> None:
    images = RNG.integers(0, 255, (16, 7, 9, 3), dtype=np.uint8)
    corners = RNG.integers(0, 5, (16, 2))
    got = crop(torch.from_numpy(images), 2, torch.from_numpy(corners)).numpy()
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    for number, (top, left) in enumerate(corners):
        assert np.array_equal(got[number], padded[number, top : top + 7, left : left + 9])


def test_mirror_turns_the_chosen_images_left_to_right() -> None:
    images = RNG.integers(0, 255, (8, 5, 6, 1), dtype=np.uint8)
    chosen = np.arange(8) % 2 == 0
    got = mirror(torch.from_numpy(images), torch.from_numpy(chosen)).numpy()
    expected = np.where(chosen[:, None, None, None], images[:, :, ::-1], images)
    assert np.array_equal(got, expected)


def test_cutout_zeroes_one_square_that_may_hang_over() -> None:
    images = np.ones((32, 8, 8, 2), np.float32)
    centres = RNG.integers(0, 8, (32, 2))
    got = cut_out(torch.from_numpy(images.copy()), 4, torch.from_numpy(centres)).numpy()
    for number, (row, column) in enumerate(centres):
        expected = np.ones((8, 8, 2), np.float32)
        expected[max(0, row - 2) : row + 2, max(0, column - 2) : column + 2] = 0
        assert np.array_equal(got[number], expected)


def make(folder: Path, count: int = 50) -> ArraysDataset:
    path = folder / "set.npz"
    images = RNG.integers(0, 255, (count, 6, 6, 3), dtype=np.uint8)
    np.savez(path, x_train=images, y_train=np.arange(count) % 3, x_test=images[:6], y_test=np.arange(6) % 3)
    fields: dict[str, Any] = {"image_size": None, "fraction": 1.0, "num_selection": 0, "split_seed": 0, "flip": True}
    return ArraysDataset(path=str(path), num_valid=10, **fields)


def batches(
    dataset: ArraysDataset, epoch: int, seed: int = 1, **options: Any
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    made = training_batches(
        dataset,
        **{"batch_size": 8, "drop_last": False, "seed": seed, "device": torch.device("cpu")} | options,
        augmentation=Augmentation(crop_padding=1, flip=True, cutout=2),
    )
    made.set_epoch(epoch)  # type: ignore[attr-defined]
    return list(made)


def test_batches_follow_from_seed_and_epoch(tmp_path: Path) -> None:
    dataset = make(tmp_path)
    one, again = batches(dataset, 0), batches(dataset, 0)
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one[0][0], batches(dataset, 1)[0][0])
    assert not torch.equal(one[0][0], batches(dataset, 0, seed=2)[0][0])


def test_an_epoch_shows_every_label_once_and_drops_only_what_it_says(tmp_path: Path) -> None:
    dataset = make(tmp_path, count=53)
    labels = torch.cat([labels for _, labels in batches(dataset, 0)])
    assert sorted(labels.tolist()) == sorted(dataset.load().train.labels.tolist())
    assert sum(len(labels) for _, labels in batches(dataset, 0, drop_last=True)) == 40


def test_ranks_share_the_epoch_of_one_process(tmp_path: Path) -> None:
    dataset = make(tmp_path)
    whole = batches(dataset, 3)
    halves = [batches(dataset, 3, rank=rank, world_size=2) for rank in range(2)]
    for number, (images, _) in enumerate(whole):
        assert torch.equal(images[0::2], halves[0][number][0])
        assert torch.equal(images[1::2], halves[1][number][0])


def test_evaluation_drops_nothing_and_normalises(tmp_path: Path) -> None:
    dataset = make(tmp_path)
    parts = dataset.load()
    got = torch.cat(
        [images for images, _ in evaluation_batches(dataset, parts.train, batch_size=7, device=torch.device("cpu"))]
    )
    assert got.shape == (40, 3, 6, 6)
    assert torch.allclose(got.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(got.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5)
