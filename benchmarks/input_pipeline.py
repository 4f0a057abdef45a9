"""Training batches of small images: our in-memory pipeline beside a torchvision DataLoader, on one core.

    python -m benchmarks.input_pipeline [--pairs 5]

Both crop at random from 4 pixels of padding, mirror, normalise and shuffle 10,000 images of 32x32 into batches of 128.
Goal: 10 times the images per second.
"""

import argparse
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms

from benchmarks.child_overhead import RECIPE
from benchmarks.pairs import interleaved
from nas.data.batches import ImageSource, TrainingBatches
from nas.data.parts import Part, Parts

NUM_IMAGES = 10_000
BATCH_SIZE = 128


class _Images(TorchDataset[Any]):
    """What torchvision's CIFAR10 does for an image."""

    def __init__(self, part: Part, mean: Any, std: Any) -> None:
        self.part = part
        self.transform = transforms.Compose(
            [
                transforms.ToPILImage(),
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(mean, std),
            ]
        )

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> Any:
        return self.transform(self.part.images[index]), int(self.part.labels[index])


def seconds(batches: Iterable[Any]) -> float:
    """Of one epoch."""
    start = time.perf_counter()
    count = sum(len(labels) for _, labels in batches)
    assert count == NUM_IMAGES // BATCH_SIZE * BATCH_SIZE
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (NUM_IMAGES, 32, 32, 3), np.uint8)
    part = Part(images, rng.integers(0, 10, NUM_IMAGES))
    mean, std = (0.49, 0.48, 0.45), (0.25, 0.24, 0.26)
    parts = Parts(train=part, valid=part, selection=part, test=part, mean=mean, std=std)
    source = ImageSource(parts, part, torch.device("cpu"), True, True)
    augmentation = replace(RECIPE, crop_padding=4, flip=True, cutout=0).augmentation
    ours = TrainingBatches(source, BATCH_SIZE, True, augmentation, seed=0, rank=0, world_size=1)
    peer = DataLoader(_Images(part, mean, std), BATCH_SIZE, shuffle=True, drop_last=True)
    seconds(ours)
    ratio = interleaved(lambda: seconds(peer), lambda: seconds(ours), arguments.pairs)
    print(f"images per second, ours / torchvision's DataLoader: {ratio}; goal: at least 10")
    print(f"ours: {NUM_IMAGES / seconds(ours):,.0f} images per second on one core")


if __name__ == "__main__":
    main()
