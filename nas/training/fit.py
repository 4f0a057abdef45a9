"""Trains one network and measures it: in this process, or in one process per device."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from nas.data.dataset import Dataset
from nas.errors import UserError
from nas.metrics.base import Metric
from nas.training.batch_plan import BatchPlan
from nas.training.checkpoint import Found, Saving, first_checkpoint, found_checkpoint
from nas.training.curves import Opening
from nas.training.device import choose_device
from nas.training.hardware import Hardware
from nas.training.ranks import train_in_ranks
from nas.training.recipe import Recipe
from nas.training.result import FitResult
from nas.training.run import TrainingRun
from nas.training.task_ranks import agreed, join_ranks

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
    metric: Metric | None = None,
    checkpoint: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    resume_from: Sequence[Path] | None = None,
    saving: Saving | None = None,
    notes: Mapping[str, Any] | None = None,
    opening: Opening | None = None,
    **trainer_options: Any,
) -> FitResult:
    """Trains `network` in place on the training part and measures it on the validation part after the last epoch.

    It then holds the final weights: their moving average where the recipe has one.

    With a checkpoint, a training that was interrupted goes on from there, and ends with the very
    numbers that it would have had: on one thread, to the last bit.

    With several devices each has a process of its own, and a step's batch is shared out among them. In a submitit job
    these are the job's tasks, all of which call this with equal arguments.

    Args:
        network: see `Classifier`; on the CPU, where it is again afterwards.
        seed: the training seed; every random number follows from it.
        measure: further parts to measure, once, afterwards: "selection" and the sealed "test".
        metric: computed besides accuracy, over each whole part that is measured; None computes none.
        checkpoint: a folder for `last.ckpt`, written after every epoch.
        identity: what the network is, as plain values (the genome); a checkpoint of another one is refused. Recipe,
            seed, data set and the network's layers are compared anyway.
        resume_from: folders to look for the checkpoint in, the first usable one is taken: one that is damaged or of
            another training is passed over with a line in the log. None looks in `checkpoint` alone, where such a one
            is refused.
        saving: when checkpoints are written, if not after every epoch.
        notes: plain values that go into the checkpoint and the result; a resumed training has those it began with.
        opening: opens a logger of Lightning's that is shown the training's curves, in the process that trains, or in
            that of rank 0; changes no number. See `nas.training.curves`.
        trainer_options: of Lightning's Trainer, in place of ours (a logger, callbacks, a progress bar). With several
            devices every process gets a copy.

    Raises:
        UserError: the data is missing or too small, the hardware is not here, or the checkpoint is of another training.
    """
    start = time.perf_counter()
    _check_parts(dataset, measure)
    loaded_s = time.perf_counter() - start
    task = join_ranks(hardware)
    device = choose_device(hardware)
    if hardware.world_size > 1 and recipe.sync_batchnorm and device.type != "cuda":
        raise UserError(f"training.sync_batchnorm is true, which torch has on CUDA only, not on {device.type}")
    BatchPlan(recipe, dataset.num_train, hardware.world_size, hardware.accumulate)
    whose: dict[str, Any] = {}
    resumed_from = None
    if checkpoint is not None:
        whose = {"seed": seed, **(identity or {}), "network": str(network)}
        whose |= {"recipe": asdict(recipe), "dataset": dataset.identity()}
        resumed_from = agreed(_found(checkpoint, resume_from, whose))
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
        resumed_from=resumed_from,
        notes=notes or {},
        saving=saving or Saving(),
        loaded_s=loaded_s,
        trainer_options=trainer_options,
        opening=opening,
        metric=metric,
    )
    if task is not None:
        return run.train(task.rank, task)
    return run.train() if hardware.devices == 1 else train_in_ranks(run)


def _found(checkpoint: Path, resume_from: Sequence[Path] | None, whose: Mapping[str, Any]) -> Found | None:
    if resume_from is None:
        return found_checkpoint(checkpoint, whose)
    return first_checkpoint(resume_from, whose)


def _check_parts(dataset: Dataset, measure: Sequence[str]) -> None:
    parts = dataset.load()
    for name in measure:
        if name not in MEASURABLE:
            raise UserError(f"measure has {name!r}, allowed are {', '.join(MEASURABLE)}")
    for name in ("valid", *measure):
        if not len(getattr(parts, name)):
            raise UserError(f"dataset.num_{name} is 0, measuring the {name} part needs at least one image")
