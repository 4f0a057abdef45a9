"""Trains one network and measures it: Lightning's Trainer with all that a child does not need switched off."""

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
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
from nas.training.checkpoint import EpochCheckpoint, found_checkpoint
from nas.training.classifier import Classifier
from nas.training.device import choose_device, choose_precision, threads
from nas.training.hardware import Hardware
from nas.training.quiet import quiet_lightning
from nas.training.recipe import Recipe

MEASURABLE = ("selection", "test")


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
        selection_accuracy: None unless it was asked for; of a constant prediction where the training diverged.
        test_accuracy: likewise.
    """

    valid_accuracy: float
    valid_loss: float | None
    train_loss: float | None
    diverged: bool
    examples: int
    train_s: float
    selection_accuracy: float | None = None
    test_accuracy: float | None = None


def fit(
    network: nn.Module,
    dataset: Dataset,
    recipe: Recipe,
    hardware: Hardware,
    *,
    seed: int,
    measure: Sequence[str] = (),
    checkpoint: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    **trainer_options: Any,
) -> FitResult:
    """Trains `network` in place on the training part and measures it on the validation part after the last epoch.

    It then holds the final weights: their moving average where the recipe has one.

    With a checkpoint, a training that was interrupted goes on after its last whole epoch, and ends with the very
    numbers that it would have had: on one thread, to the last bit.

    Args:
        network: see `Classifier`; on the CPU, where it is again afterwards.
        seed: the training seed; every random number follows from it.
        measure: further parts to measure, once, afterwards: "selection" and the sealed "test".
        checkpoint: a folder for `last.ckpt`, written after every epoch.
        identity: what the network is, as plain values (the genome); a checkpoint of another one is refused. Recipe,
            seed, data set and the network's layers are compared anyway.
        trainer_options: of Lightning's Trainer, in place of ours (a logger, callbacks, a progress bar).

    Raises:
        UserError: the data is missing or too small, the hardware is not here, or the checkpoint is of another training.
    """
    parts = _parts(dataset, measure)
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
    callbacks: list[pl.Callback] = []
    resumed_from = None
    if checkpoint is not None:
        whose = {"seed": seed, **(identity or {}), "network": str(network)}
        whose |= {"recipe": asdict(recipe), "dataset": dataset.identity()}
        resumed_from = found_checkpoint(checkpoint, whose)
        callbacks.append(EpochCheckpoint(checkpoint, whose))
    rng_devices = [0] if device.type == "cuda" else []
    with quiet_lightning(), threads(hardware.threads), torch.random.fork_rng(devices=rng_devices):
        trainer = _trainer(recipe, device, callbacks, trainer_options)
        start = time.perf_counter()
        trainer.fit(module, training, ckpt_path=resumed_from, weights_only=True)
        train_loss = module.check_loss()
        module.finish()
        measured: dict[str, float] = {}
        valid_loss = None
        for name in ("valid", *measure):
            if not module.diverged:
                trainer.validate(module, _evaluation(dataset, parts[name], hardware, device), verbose=False)
            if name == "valid":
                train_s = time.perf_counter() - start
                module.diverged = module.diverged or not math.isfinite(module.tally.loss)
                valid_loss = None if module.diverged else module.tally.loss
            measured[name] = (
                constant_accuracy(parts["train"], parts[name]) if module.diverged else module.tally.accuracy
            )
    _release(trainer, module)
    assert train_loss is not None
    return FitResult(
        valid_accuracy=measured["valid"],
        valid_loss=valid_loss,
        train_loss=train_loss if math.isfinite(train_loss) else None,
        diverged=module.diverged,
        examples=module.examples,
        train_s=train_s,
        selection_accuracy=measured.get("selection"),
        test_accuracy=measured.get("test"),
    )


def constant_accuracy(train: Part, measured: Part) -> float:
    """Accuracy on `measured` of always answering the commonest training class, the first of equally common ones."""
    commonest = max(sorted(Counter(train.labels.tolist()).items()), key=lambda item: item[1])[0]
    return float(np.mean(measured.labels == commonest))


def _parts(dataset: Dataset, measure: Sequence[str]) -> dict[str, Part]:
    parts = dataset.load()
    for name in measure:
        if name not in MEASURABLE:
            raise UserError(f"measure has {name!r}, allowed are {', '.join(MEASURABLE)}")
    found = {"train": parts.train, "valid": parts.valid, "selection": parts.selection, "test": parts.test}
    for name in ("valid", *measure):
        if not len(found[name]):
            raise UserError(f"dataset.num_{name} is 0, measuring the {name} part needs at least one image")
    return found


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


def _trainer(recipe: Recipe, device: torch.device, callbacks: list[pl.Callback], options: dict[str, Any]) -> pl.Trainer:
    settings: dict[str, Any] = {
        "accelerator": device.type,
        "devices": 1,
        "precision": choose_precision(recipe.precision, device),
        "max_epochs": recipe.epochs,
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
    trainer = pl.Trainer(**{**settings, **options, "callbacks": [*callbacks, *options.get("callbacks", ())]})
    # Signals are the launcher's: Lightning would turn SIGTERM, which ends a worker, into a failed child.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer


def _release(trainer: pl.Trainer, module: Classifier) -> None:
    """Takes trainer and module apart: they refer to each other, and would keep weights and momentum until the next
    collection of cycles, which takes 0.2 s of a child's time when it is forced."""
    trainer.strategy.optimizers = []
    trainer.strategy.lr_scheduler_configs = []
    del module.network
