"""A folder in ImageNet's layout, trained on from its files."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from lightning_fabric.utilities.data import _set_sampler_epoch
from PIL import Image

from nas.application import build, config_folder
from nas.data.augmentation import Augmentation
from nas.data.batches import evaluation_batches, training_batches
from nas.data.image_folder import ImageFolder
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.search_spaces.base import SearchSpace

WNIDS = ("n01440764", "n01443537", "n01484850")
CPU = torch.device("cpu")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three classes that differ in colour, images of several sizes, one of them gray."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 12), ("val", 4)):
        for label, wnid in enumerate(WNIDS):
            folder = tmp_path / "imagenet" / part / wnid
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 90, (40 + number, 56, 3), dtype=np.uint8)
                pixels[..., label] += 150
                image = Image.fromarray(pixels)
                name = f"{wnid}_{number}.JPEG" if part == "train" else f"ILSVRC2012_val_{label}{number:07d}.JPEG"
                (image.convert("L") if number == 11 else image).save(folder / name)
    return tmp_path / "imagenet"


def composed(root: Path, *overrides: str) -> tuple[SearchSpace, Any]:
    shrunk = ["dataset=imagenet", f"dataset.root={root}", "dataset.image_size=32", "dataset.num_valid=6"]
    recipe = ["dataset.fraction=1.0", "network=tiny", "training=search", "training.epochs=2", "hardware=cpu"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*shrunk, *recipe, "training.batch_size=10", *overrides])
    space = build(config.search_space, "search_space")
    return space, build(config.evaluator, "evaluator", space=space)


def training_labels_and_images(dataset: ImageFolder, epoch: int, **options: Any) -> tuple[torch.Tensor, torch.Tensor]:
    made = training_batches(
        dataset,
        **{"batch_size": 8, "drop_last": False, "seed": 1, "device": CPU} | options,
        augmentation=Augmentation(crop_padding=4, flip=True, cutout=8),
    )
    made.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
    batches = list(made)
    return torch.cat([labels for _, labels in batches]), torch.cat([images for images, _ in batches])


def test_a_child_trains_on_image_files(root: Path) -> None:
    space, evaluator = composed(root)
    dataset = evaluator.dataset
    assert (dataset.num_classes, dataset.image_shape, dataset.num_train) == (3, (3, 32, 32), 30)
    task = Task(0, space.initial(Random(0)), seed=1)
    metrics = evaluator.evaluate(task)
    assert metrics["train_examples"] == 60 == evaluator.cost(task.genome)["train_examples"]
    assert not metrics["diverged"]
    again = evaluator.evaluate(task)
    assert again["valid_loss"] == metrics["valid_loss"]


def test_decoding_processes_change_no_bit(root: Path) -> None:
    space, alone = composed(root)
    _, helped = composed(root, "hardware.loader_workers=2")
    task = Task(0, space.initial(Random(0)), seed=1)
    assert alone.evaluate(task)["valid_loss"] == helped.evaluate(task)["valid_loss"]


def test_an_epoch_shows_every_file_once_and_differs_from_the_next(root: Path) -> None:
    dataset = composed(root)[1].dataset
    labels, images = training_labels_and_images(dataset, 0)
    assert torch.bincount(labels).tolist() == [10, 10, 10]
    assert images.shape == (30, 3, 32, 32)
    same_labels, same_images = training_labels_and_images(dataset, 0)
    assert torch.equal(images, same_images)
    assert torch.equal(labels, same_labels)
    assert not torch.equal(images, training_labels_and_images(dataset, 1)[1])


def test_lightning_finds_where_to_set_the_epoch(root: Path) -> None:
    dataset = composed(root)[1].dataset
    made = training_batches(
        dataset,
        batch_size=8,
        drop_last=False,
        seed=1,
        device=CPU,
        augmentation=Augmentation(crop_padding=4, flip=True, cutout=8),
    )
    _set_sampler_epoch(made, 1)
    assert torch.equal(torch.cat([images for images, _ in made]), training_labels_and_images(dataset, 1)[1])


def test_cutout_leaves_the_mean_in_every_image(root: Path) -> None:
    _, images = training_labels_and_images(composed(root)[1].dataset, 0)
    holes = (images == 0).all(1).flatten(1).sum(1)
    assert holes.min() >= 4 * 4  # a corner of the square at least
    assert holes.max() <= 8 * 8 + 8  # and hardly a pixel that has the mean by chance


def test_ranks_share_the_epoch_of_one_process(root: Path) -> None:
    dataset = composed(root)[1].dataset
    whole, _ = training_labels_and_images(dataset, 2, batch_size=10)
    halves = [training_labels_and_images(dataset, 2, batch_size=10, rank=rank, world_size=2)[0] for rank in range(2)]
    assert torch.equal(whole[0:10:2], halves[0][:5])
    assert torch.equal(whole[1:10:2], halves[1][:5])


def test_evaluation_takes_the_centre_of_every_file(root: Path) -> None:
    dataset = composed(root)[1].dataset
    test = dataset.load().test
    images, labels = zip(*evaluation_batches(dataset, test, batch_size=5, device=CPU), strict=True)
    assert torch.equal(torch.cat(labels), torch.from_numpy(test.labels))
    with Image.open(test.images[0]) as file:
        width, height = file.size
        shorter = round(32 / 0.875)
        scaled = file.convert("RGB").resize((shorter * width // height, shorter), Image.Resampling.BILINEAR)
    left, top = round((scaled.width - 32) / 2), round((scaled.height - 32) / 2)
    pixels = np.asarray(scaled.crop((left, top, left + 32, top + 32))) / 255
    expected = (pixels - dataset.mean) / dataset.std
    assert np.abs(images[0][0].permute(1, 2, 0).numpy() - expected).max() < 0.05


def test_a_file_that_is_no_image_is_named(root: Path) -> None:
    dataset = composed(root)[1].dataset
    broken = dataset.load().train.images[0]
    Path(broken).write_bytes(b"no image")
    with pytest.raises(UserError, match="cannot be decoded") as caught:
        training_labels_and_images(dataset, 0)
    assert broken in str(caught.value)
