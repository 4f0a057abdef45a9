"""One process's part in a training: all of it, or that of one rank."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from nas.data.batches import Batches, evaluation_batches, training_batches
from nas.data.dataset import Dataset
from nas.data.parts import Part
from nas.metrics.base import Metric, metric_value
from nas.training.allocator import keep_memory
from nas.training.batch_plan import BatchPlan
from nas.training.checkpoint import EpochCheckpoint, Found, Saving
from nas.training.classifier import Classifier
from nas.training.curves import Opening, curves_of
from nas.training.device import threads
from nas.training.hardware import Hardware
from nas.training.job import JobTask
from nas.training.quiet import quiet_lightning
from nas.training.recipe import Recipe
from nas.training.result import FitResult, constant_accuracy, constant_answers
from nas.training.tally import Tally
from nas.training.trainer import make_trainer, release


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """A training, ready to start in any process; arguments are those of `nas.training.fit.fit`.

    Attributes:
        measured: parts that are measured after it.
        metric: that is computed besides accuracy; None computes none.
        accelerator: kind of the devices.
        identity: what the checkpoint is of, everything included.
        resumed_from: the checkpoint to go on from.
        notes: see `fit`.
        saving: when checkpoints are written.
        loaded_s: seconds that the caller took to load the images.
        opening: opens the logger of the curves, on rank 0; None logs none.
    """

    network: nn.Module
    dataset: Dataset
    recipe: Recipe
    hardware: Hardware
    seed: int
    measured: Sequence[str]
    accelerator: str
    checkpoint: Path | None
    identity: Mapping[str, Any]
    resumed_from: Found | None
    notes: Mapping[str, Any]
    saving: Saving
    loaded_s: float
    trainer_options: Mapping[str, Any]
    opening: Opening | None = None
    metric: Metric | None = None

    def train(self, rank: int = 0, task: JobTask | None = None) -> FitResult:
        """Trains and measures; every rank has the same result and ends with the same weights.

        Args:
            rank: of this process.
            task: where the ranks are the tasks of a job.
        """
        index = rank if task is None else task.local_rank
        device = torch.device("cpu") if self.accelerator == "cpu" else torch.device(self.accelerator, index)
        if device.type == "cpu":
            keep_memory()
        if self.hardware.channels_last:
            self.network.to(memory_format=torch.channels_last)
        if self.hardware.compile:
            self.network.compile()
        plan = BatchPlan(self.recipe, self.dataset.num_train, self.hardware.world_size, self.hardware.accumulate)
        module = Classifier(self.network, plan, self.seed)
        callbacks: list[pl.Callback] = []
        rng_devices = [device] if device.type == "cuda" else []
        with (
            quiet_lightning(),
            threads(self.hardware.threads),
            torch.random.fork_rng(devices=rng_devices),
            curves_of(self.opening if rank == 0 else None, self.checkpoint) as curves,
        ):
            options = dict(self.trainer_options)
            if curves is not None:
                callbacks.append(curves)
                options["logger"] = curves.logger
            if self.checkpoint is not None:  # after the curves, which want the loss of the step before
                callbacks.append(EpochCheckpoint(self.checkpoint, self.identity, self._notes, self.saving))
            trainer = make_trainer(plan, device, callbacks, options, task=task, folder=self.checkpoint)
            result = self._train_and_measure(trainer, module, plan, device, rank)
            if curves is not None:
                curves.measured(trainer, result)
        release(trainer, module)
        self.network._compiled_call_impl = None
        if device.type == "cuda":
            torch.cuda.empty_cache()  # for those who share the device
        return result

    def _train_and_measure(
        self, trainer: pl.Trainer, module: Classifier, plan: BatchPlan, device: torch.device, rank: int
    ) -> FitResult:
        start = time.perf_counter()
        training = training_batches(
            self.dataset,
            batch_size=plan.batch_size,
            drop_last=self.recipe.drop_last,
            augmentation=self.recipe.augmentation,
            seed=self.seed,
            rank=rank,
            world_size=plan.devices,
            **self._batch_options(device),
        )
        if self.resumed_from is not None:
            training.skip(self.resumed_from.batches)
        parts = self.dataset.load()
        began = time.perf_counter()
        trainer.fit(
            module,
            training,
            ckpt_path=None if self.resumed_from is None else self.resumed_from.path,
            weights_only=True,
        )
        train_loss = module.check_loss()
        assert train_loss is not None
        module.finish()
        trained = time.perf_counter()
        self._measure(trainer, module, parts.valid, device, rank)
        measured = time.perf_counter()
        valid_loss = None if module.diverged else module.tally.loss
        accuracies = {"valid": self._accuracy(module, parts.valid)}
        scores = {"valid": self._score(module, parts.valid)}
        for name in self.measured:
            part = getattr(parts, name)
            self._measure(trainer, module, part, device, rank)
            accuracies[name] = self._accuracy(module, part)
            scores[name] = self._score(module, part)
        return FitResult(
            valid_accuracy=accuracies["valid"],
            valid_loss=valid_loss,
            train_loss=train_loss if math.isfinite(train_loss) else None,
            diverged=module.diverged,
            examples=module.examples,
            data_s=self.loaded_s + began - start + module.first_batch_s,
            train_s=trained - began - module.first_batch_s,
            valid_s=measured - trained,
            selection_accuracy=accuracies.get("selection"),
            test_accuracy=accuracies.get("test"),
            scores={name: score for name, score in scores.items() if score is not None},
            notes=self._notes,
        )

    @property
    def _notes(self) -> Mapping[str, Any]:
        return self.notes if self.resumed_from is None else self.resumed_from.notes

    def _measure(self, trainer: pl.Trainer, module: Classifier, part: Part, device: torch.device, rank: int) -> None:
        """Fills the module's tally. The last step may have diverged without a loss that shows it: this one does."""
        if not module.diverged:
            module.tally = Tally(self.metric is not None, self.dataset.num_classes)
            trainer.validate(module, self._evaluation(part, device, rank), verbose=False)
            if self.hardware.world_size > 1:
                module.tally.sum_over_ranks(device)
            module.diverged = not math.isfinite(module.tally.loss)

    def _accuracy(self, module: Classifier, part: Part) -> float:
        return constant_accuracy(self.dataset.load().train, part) if module.diverged else module.tally.accuracy

    def _score(self, module: Classifier, part: Part) -> float | None:
        if self.metric is None:
            return None
        if module.diverged:
            train, number = self.dataset.load().train, self.dataset.num_classes
            return metric_value(self.metric, part.labels, constant_answers(train, part, number))
        return metric_value(self.metric, *module.tally.answers())

    def _evaluation(self, part: Part, device: torch.device, rank: int) -> Batches:
        return evaluation_batches(
            self.dataset,
            part,
            batch_size=self.hardware.evaluation_batch_size,
            rank=rank,
            world_size=self.hardware.world_size,
            **self._batch_options(device),
        )

    def _batch_options(self, device: torch.device) -> dict[str, Any]:
        return {
            "device": device,
            "hold_on_device": self.hardware.hold_on_device,
            "channels_last": self.hardware.channels_last,
            "loader_workers": self.hardware.loader_workers,
        }
