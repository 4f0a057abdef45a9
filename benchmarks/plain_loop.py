"""One child trained by a hand-written torch loop: what `nas.training` must equal in numbers and nearly in time.

Nothing of `nas.training` and of `nas.data.batches` is used: only the network, the parts, and the seeds' rule.
"""

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nas.data.dataset import Dataset
from nas.data.seeds import derived_seed
from nas.training.recipe import Recipe


class PlainResult(NamedTuple):
    """The last step's loss, and the validation part's mean loss and accuracy."""

    train_loss: float
    valid_loss: float
    valid_accuracy: float


def train_plainly(spec: Any, architecture: Any, dataset: Dataset, recipe: Recipe, seed: int) -> PlainResult:
    """Trains on the CPU with crops and flips; no cutout, auxiliary head, drop-path or bf16."""
    assert recipe.drop_last
    assert not recipe.cutout
    assert not spec.auxiliary_head
    torch.manual_seed(derived_seed(seed, "weights"))
    network = spec.build(architecture, dataset.image_shape, dataset.num_classes).to(memory_format=torch.channels_last)
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": others}],
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
    )

    parts = dataset.load()
    mean, std = torch.tensor(parts.mean), torch.tensor(parts.std)
    train_images = torch.from_numpy(parts.train.images)
    train_labels = torch.from_numpy(parts.train.labels)
    number, height, width, _ = train_images.shape
    padding, size = recipe.crop_padding, recipe.batch_size
    steps = number // size

    step = 0
    network.train()
    for epoch in range(recipe.epochs):
        order = torch.randperm(number, generator=_generator(seed, "order", epoch))
        corners = torch.randint(2 * padding + 1, (number, 2), generator=_generator(seed, "crop", epoch)).tolist()
        flips = torch.rand(number, generator=_generator(seed, "flip", epoch)) < 0.5
        for start in range(0, steps * size, size):
            picked = order[start : start + size]
            images = F.pad(train_images[picked], (0, 0, padding, padding, padding, padding))
            images = torch.stack(
                [
                    image[top : top + height, left : left + width]
                    for image, (top, left) in zip(images, corners[start : start + size], strict=True)
                ]
            )
            if recipe.flip and dataset.flip:
                images = torch.where(flips[start : start + size, None, None, None], images.flip(2), images)
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * step / (steps * recipe.epochs)))
            logits = network(_normalised(images, mean, std))
            loss = F.cross_entropy(logits, train_labels[picked], label_smoothing=recipe.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            if recipe.gradient_clip:
                torch.nn.utils.clip_grad_norm_([*weights, *others], recipe.gradient_clip)
            optimizer.step()
            step += 1
    train_loss = loss.item()

    network.eval()
    images, labels = torch.from_numpy(parts.valid.images), torch.from_numpy(parts.valid.labels)
    total, correct = 0.0, 0
    with torch.inference_mode():
        for start in range(0, len(labels), 500):
            logits = network(_normalised(images[start : start + 500], mean, std))
            truth = labels[start : start + 500]
            total += F.cross_entropy(logits, truth, reduction="sum").item()
            correct += int((logits.argmax(1) == truth).sum())
    return PlainResult(train_loss, total / len(labels), correct / len(labels))


def _generator(seed: int, purpose: str, epoch: int) -> torch.Generator:
    return torch.Generator().manual_seed(derived_seed(seed, purpose, epoch))


def _normalised(images: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """In the order of operations of `nas.data`: a last bit that differs here is a different training 20 steps later."""
    return ((images.float() - mean * 255) * (1 / (std * 255))).permute(0, 3, 1, 2)
