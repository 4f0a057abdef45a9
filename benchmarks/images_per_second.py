"""Training batches of 64 pixels on one core: from files of a folder, from shards of them, and from a packed set.

    python -m benchmarks.images_per_second [--images 600] [--pairs 5] [--size 64]

Writes a folder of JPEGs of 500x375 pixels, ImageNet's usual size: CIFAR-10 enlarged if NAS_TEST_DATA names a folder
with cifar10.npz, else random blots; both with grain. Packs and shards it by the code of nas.prepare, then reads an
epoch from each in turn. Images per second are those of processor time, so that a machine's other work does not count.
Goal: packed at least 20 times the folder. Shards need the extra `shards` and are left out without it.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

from benchmarks.pairs import bootstrap
from nas.application import build, config_folder
from nas.data.augmentation import Augmentation
from nas.data.batches import training_batches
from nas.data.image_folder import ImageFolder
from nas.errors import UserError
from nas.preparing.preparation import Preparation

WIDTH, HEIGHT = 500, 375
QUALITY = 90
GRAIN = 18.0  # deviation of the noise that gives files ImageNet's size
CLASSES = 10
BATCH_SIZE = 100


def sources(count: int) -> np.ndarray:
    """uint8 `(count, 32, 32, 3)`."""
    path = Path(os.environ.get("NAS_TEST_DATA", "")) / "cifar10.npz"
    if path.exists():
        with np.load(path) as arrays:
            return arrays["x_train"][:count]
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)


def write_folder(root: Path, count: int) -> float:
    """A folder in ImageNet's layout.

    Returns:
        The mean size of a file, in kB.
    """
    rng = np.random.default_rng(0)
    total = 0
    for number, source in enumerate(sources(count)):
        part = "val" if number < CLASSES else "train"
        path = root / part / f"n{number % CLASSES:08d}" / f"{number}.JPEG"
        path.parent.mkdir(parents=True, exist_ok=True)
        large = np.asarray(Image.fromarray(source).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), np.float32)
        grained = large + rng.normal(0, GRAIN, large.shape).astype(np.float32)
        Image.fromarray(grained.clip(0, 255).astype(np.uint8)).save(path, quality=QUALITY)
        total += path.stat().st_size
    return total / count / 1000


def dataset(root: Path, size: int) -> ImageFolder:
    """That of dataset=imagenet, with all of its images."""
    words = ["dataset=imagenet", f"dataset.root={root}", f"dataset.image_size={size}", "dataset.fraction=1.0"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        node = compose("config", overrides=[*words, "dataset.num_valid=100", "dataset.packed=none"]).dataset
    return build(node, "dataset")


def prepare(found: ImageFolder, kind: str) -> None:
    values: dict[str, Any] = {"central_fraction": 1.0, "chunk": 100, "shard_mb": 16, "workers": 1}
    made = Preparation(dataset=replace(found, **{kind: "auto"}), format=kind, **values)
    start = time.perf_counter()
    made.prepare(lambda sentence: None)
    print(f"prepared as {kind} in {time.perf_counter() - start:.1f} s")


def per_second(found: ImageFolder) -> float:
    """Images for each second of the processor, over one epoch."""
    augmentation = Augmentation(crop_padding=4, flip=True, cutout=0)
    batches = training_batches(
        found,
        batch_size=BATCH_SIZE,
        drop_last=True,
        augmentation=augmentation,
        seed=0,
        device=torch.device("cpu"),
        channels_last=True,
    )
    start = time.process_time()
    count = sum(len(labels) for _, labels in batches)
    return count / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--size", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "imagenet"
        print(f"{arguments.images} files of {write_folder(root, arguments.images):.0f} kB on average")
        files = dataset(root, arguments.size)
        ways = {"folder": files}
        for kind in ("packed", "shards"):
            try:
                prepare(files, kind)
                ways[kind] = replace(files, **{kind: "auto"})
            except UserError as error:
                print(f"{kind} left out: {error}")
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(arguments.pairs + 1):
            for way, found in ways.items():
                rate = per_second(found)
                if number:  # the first is to warm up
                    rates[way].append(rate)
        for way, found in rates.items():
            ratio = bootstrap([mine / folders for mine, folders in zip(found, rates["folder"], strict=True)])
            print(f"{way:8} {np.median(found):10,.0f} images a second and core; beside the folder: {ratio}")
    print("goal: packed at least 20 times the folder")


if __name__ == "__main__":
    main()
