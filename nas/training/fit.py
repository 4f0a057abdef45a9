"""Trains one network and measures it: in this process, or in one process per device."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from nas.data.dataset import Dataset
from nas.errors import UserError
from nas.training.batch_plan import BatchPlan
from nas.training.checkpoint import found_checkpoint
from nas.training.device import choose_device
from nas.training.hardware import Hardware
from nas.training.ranks import train_in_ranks
from nas.training.recipe import Recipe
from nas.training.result import FitResult
from nas.training.run import TrainingRun

__all__ = ["MEASURABLE", "FitResult", "fit"]

MEASURABLE = ("selection", "test")


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

    With several devices each has a process of its own, and a step's batch is shared out among them.

    Args:
        network: see `Classifier`; on the CPU, where it is again afterwards.
        seed: the training seed; every random number follows from it.
        measure: further parts to measure, once, afterwards: "selection" and the sealed "test".
        checkpoint: a folder for `last.ckpt`, written after every epoch.
        identity: what the network is, as plain values (the genome); a checkpoint of another one is refused. Recipe,
            seed, data set and the network's layers are compared anyway.
        trainer_options: of Lightning's Trainer, in place of ours (a logger, callbacks, a progress bar). With several
            devices every process gets a copy.

    Raises:
        UserError: the data is missing or too small, the hardware is not here, or the checkpoint is of another training.
    """
    _check_parts(dataset, measure)
    device = choose_device(hardware)
    if hardware.devices > 1 and recipe.sync_batchnorm and device.type != "cuda":
        raise UserError(f"training.sync_batchnorm is true, which torch has on CUDA only, not on {device.type}")
    BatchPlan(recipe, dataset.num_train, hardware.devices, hardware.accumulate)
    whose: dict[str, Any] = {}
    if checkpoint is not None:
        whose = {"seed": seed, **(identity or {}), "network": str(network)}
        whose |= {"recipe": asdict(recipe), "dataset": dataset.identity()}
    run = TrainingRun(
        network=network,
        dataset=dataset,
        recipe=recipe,
        hardware=hardware,
        seed=seed,
        measured=tuple(measure),
        accelerator=device.type,
        checkpoint=checkpoint,
        identity=whose,
        resumed_from=None if checkpoint is None else found_checkpoint(checkpoint, whose),
        trainer_options=trainer_options,
    )
    return run.train() if hardware.devices == 1 else train_in_ranks(run)


def _check_parts(dataset: Dataset, measure: Sequence[str]) -> None:
    parts = dataset.load()
    for name in measure:
        if name not in MEASURABLE:
            raise UserError(f"measure has {name!r}, allowed are {', '.join(MEASURABLE)}")
    for name in ("valid", *measure):
        if not len(getattr(parts, name)):
            raise UserError(f"dataset.num_{name} is 0, measuring the {name} part needs at least one image")
