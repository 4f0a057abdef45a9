"""Trains one network and measures it: Lightning's Trainer with all that a child does not need switched off."""

import math
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment  # type: ignore[attr-defined]
from torch import nn

from nas.data.batches import Batches, evaluation_batches, training_batches
from nas.data.dataset import Dataset
from nas.data.parts import Part
from nas.errors import UserError
from nas.training.allocator import keep_memory
from nas.training.classifier import Classifier
from nas.training.device import choose_device, choose_precision, threads
from nas.training.hardware import Hardware
from nas.training.quiet import quiet_lightning
from nas.training.recipe import Recipe


@dataclass(frozen=True)
class FitResult:
    """How a training went.

    Attributes:
        valid_accuracy: after the last epoch; of a constant prediction where the training diverged.
        valid_loss: mean cross-entropy then; None where the training diverged.
        train_loss: of the last step; None where it is not finite.
        diverged: whether a loss was not finite.
        examples: training images shown.
        train_s: seconds of training and validation.
        test_accuracy: None unless it was asked for.
    """

    valid_accuracy: float
    valid_loss: float | None
    train_loss: float | None
    diverged: bool
    examples: int
    train_s: float
    test_accuracy: float | None = None


def fit(
    network: nn.Module,
    dataset: Dataset,
    recipe: Recipe,
    hardware: Hardware,
    *,
    seed: int,
    measure_test: bool = False,
    **trainer_options: Any,
) -> FitResult:
    """Trains `network` in place on the training part and measures it on the validation part after the last epoch.

    Args:
        network: see `Classifier`; on the CPU, where it is again afterwards.
        seed: the training seed; every random number follows from it.
        measure_test: also measures the sealed test part, once, afterwards.
        trainer_options: of Lightning's Trainer, in place of ours (a logger, callbacks, a progress bar).

    Raises:
        UserError: the data is missing or too small, or the hardware is not here.
    """
    parts = dataset.load()
    if not len(parts.valid):
        raise UserError(f"dataset.num_valid is {dataset.num_valid}, the validation accuracy needs at least one image")
    if hardware.devices != 1:
        raise UserError(f"hardware.devices is {hardware.devices}, allowed is 1 so far")
    device = choose_device(hardware)
    if device.type == "cpu":
        keep_memory()
    if hardware.channels_last:
        network.to(memory_format=torch.channels_last)
    module = Classifier(network, recipe, recipe.num_steps(dataset.num_train), seed)
    training = training_batches(
        dataset,
        batch_size=recipe.batch_size,
        drop_last=recipe.drop_last,
        augmentation=recipe.augmentation,
        seed=seed,
        device=device,
        hold_on_device=hardware.hold_on_device,
        channels_last=hardware.channels_last,
        loader_workers=hardware.loader_workers,
    )
    rng_devices = [0] if device.type == "cuda" else []
    with quiet_lightning(), threads(hardware.threads), torch.random.fork_rng(devices=rng_devices):
        trainer = _trainer(recipe, device, trainer_options)
        start = time.perf_counter()
        trainer.fit(module, training, _evaluation(dataset, parts.valid, hardware, device))
        train_loss = module.check_loss()
        train_s = time.perf_counter() - start
        diverged, accuracy, valid_loss = _outcome(module, parts.train, parts.valid)
        test_accuracy = None
        if measure_test:
            test_accuracy = constant_accuracy(parts.train, parts.test)
            if not diverged:
                trainer.test(module, _evaluation(dataset, parts.test, hardware, device), verbose=False)
                test_accuracy = module.tally.accuracy
    _release(trainer, module)
    assert train_loss is not None
    return FitResult(
        valid_accuracy=accuracy,
        valid_loss=valid_loss,
        train_loss=train_loss if math.isfinite(train_loss) else None,
        diverged=diverged,
        examples=module.examples,
        train_s=train_s,
        test_accuracy=test_accuracy,
    )


def constant_accuracy(train: Part, measured: Part) -> float:
    """Accuracy on `measured` of always answering the commonest training class, the first of equally common ones."""
    commonest = max(sorted(Counter(train.labels.tolist()).items()), key=lambda item: item[1])[0]
    return float(np.mean(measured.labels == commonest))


def _outcome(module: Classifier, train: Part, valid: Part) -> tuple[bool, float, float | None]:
    """Whether it diverged, validation accuracy and loss. The last step may diverge without a loss that shows it."""
    if not module.diverged:
        loss = module.tally.loss
        if math.isfinite(loss):
            return False, module.tally.accuracy, loss
    return True, constant_accuracy(train, valid), None


def _evaluation(dataset: Dataset, part: Part, hardware: Hardware, device: torch.device) -> Batches:
    return evaluation_batches(
        dataset,
        part,
        batch_size=hardware.evaluation_batch_size,
        device=device,
        hold_on_device=hardware.hold_on_device,
        channels_last=hardware.channels_last,
        loader_workers=hardware.loader_workers,
    )


def _trainer(recipe: Recipe, device: torch.device, options: dict[str, Any]) -> pl.Trainer:
    settings: dict[str, Any] = {
        "accelerator": device.type,
        "devices": 1,
        "precision": choose_precision(recipe.precision, device),
        "max_epochs": recipe.epochs,
        "check_val_every_n_epoch": recipe.epochs,
        "gradient_clip_val": recipe.gradient_clip,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "use_distributed_sampler": False,
        # In a SLURM job Lightning would take the job's other tasks for ranks of this training.
        "plugins": [LightningEnvironment()],
    }
    trainer = pl.Trainer(**{**settings, **options})
    # Signals are the launcher's: Lightning would turn SIGTERM, which ends a worker, into a failed child.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer


def _release(trainer: pl.Trainer, module: Classifier) -> None:
    """Takes trainer and module apart: they refer to each other, and would keep weights and momentum until the next
    collection of cycles, which takes 0.2 s of a child's time when it is forced."""
    trainer.strategy.optimizers = []
    trainer.strategy.lr_scheduler_configs = []
    del module.network
