"""Training of an image classifier as a LightningModule."""

import math
import time
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, distributed, nn

from nas.data.batches import Batch
from nas.data.seeds import derived_seed
from nas.training.batch_plan import BatchPlan
from nas.training.optimizer import make_optimizer
from nas.training.random_state import RankState, restore_random_state
from nas.training.schedule import learning_rate_factor
from nas.training.tally import Tally
from nas.training.weight_average import WeightAverage

RANDOM_STATES = "nas_random_states"  # of all ranks, in a checkpoint that was saved within an epoch
_PROGRESS = "nas_progress"
_SKIP_EPOCH = -1  # what Lightning takes as "no more batches in this epoch"


class Classifier(pl.LightningModule):
    """Trains a network by a recipe, measures accuracy, and stops where the loss is no longer finite.

    Args:
        network: `(batch, channels, height, width)` to logits, with the attribute `auxiliary_logits` (after a pass in
            training mode a tensor if there is an auxiliary head, else None) and the methods `set_progress(fraction)`
            and `seed_drop_path(seed)`.
        plan: the recipe, and how batches are shared out.
        seed: the training seed.

    Attributes:
        tally: what evaluations are counted in, on this rank.
        examples: images shown in training, over all ranks.
        diverged: whether a loss was not finite.
        first_batch_s: seconds that the first batch was waited for.
    """

    def __init__(self, network: nn.Module, plan: BatchPlan, seed: int) -> None:
        super().__init__()
        self.allow_zero_length_dataloader_with_multiple_devices = True  # fewer images to measure than ranks
        self.network = network
        self.plan = plan
        self.recipe = plan.recipe
        self.seed = seed
        self.tally = Tally()
        self.examples = 0
        self.diverged = False
        self.first_batch_s = 0.0
        self._asked_at: float | None = None  # when the first batch was asked for, until it is there
        self._last_loss: float | None = None
        self._step_loss: Tensor | None = None  # this rank's share of it, until it is asked for
        self._average: WeightAverage | None = None
        self._resumed_average: dict[str, Any] | None = None
        self._resumed_random: RankState | None = None

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, classes)`."""
        return self.network(images)

    def configure_optimizers(self) -> Any:
        optimizer = make_optimizer(self.network, self.recipe)
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: learning_rate_factor(self.recipe, step, self.plan.steps_per_epoch, self.plan.num_steps),
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        images, labels = batch
        if images.device == device:
            return batch
        return images.to(device, non_blocking=True), labels.to(device, non_blocking=True)

    def on_train_start(self) -> None:
        """Begins to average the weights, which are on their device and in their last state only now."""
        if self.recipe.ema is None:
            return
        if self._resumed_average is None:
            self._average = WeightAverage(self.network, self.recipe.ema)
        else:
            self._average = WeightAverage.resumed(self.network, self.recipe.ema, self._resumed_average)
            self._resumed_average = None

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        super().optimizer_step(*args, **kwargs)
        if self._average is not None:
            self._average.update()

    def finish(self) -> None:
        """Gives the network its final weights."""
        if self._average is None and self._resumed_average is not None:  # the checkpoint was the last epoch's
            self.on_train_start()
        if self._average is not None:
            self._average.copy_to(self.network)

    def on_train_epoch_start(self) -> None:
        """Restarts the random sources, so that an epoch's numbers follow from its number alone."""
        rank = self.global_rank
        torch.manual_seed(derived_seed(self.seed, "dropout", self.current_epoch, rank))
        self.network.seed_drop_path(derived_seed(self.seed, "drop_path", self.current_epoch, rank))  # type: ignore[operator]
        if not self.first_batch_s:
            self._asked_at = time.perf_counter()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> int | None:
        """Ends the training once a loss was not finite, or where its steps end within an epoch: Lightning's `max_steps`
        repeats batches when it goes on from a checkpoint."""
        if self._asked_at is not None:
            self.first_batch_s, self._asked_at = time.perf_counter() - self._asked_at, None
        if self._resumed_random is not None:
            restore_random_state(self._resumed_random, self.network, self.device)
            self._resumed_random = None
        if self.plan.begins_step(batch_idx):
            self.check_loss()
        if not self.diverged and self.global_step < self.plan.num_steps:
            return None
        self.trainer.should_stop = True
        return _SKIP_EPOCH

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one pass, the auxiliary head's included, in proportion to its images' share of the step."""
        images, labels = batch
        self.network.set_progress(self.global_step / self.plan.num_steps)  # type: ignore[operator]
        logits = self.network(images)
        loss = self._loss(logits, labels)
        auxiliary = self.network.auxiliary_logits
        if auxiliary is not None:
            loss = loss + self.recipe.auxiliary_weight * self._loss(auxiliary, labels)  # type: ignore[arg-type]
        self.examples += self.plan.images(batch_idx)
        share = len(labels) / self.plan.step_images(batch_idx)
        part = loss.detach() * share
        self._step_loss = part if self._step_loss is None else self._step_loss + part
        # Lightning takes the mean over ranks and passes as if all were equal.
        return loss * (share * self.plan.devices * self.plan.accumulate)

    def check_loss(self) -> float | None:
        """The last step's loss over all ranks, None before any: asked for one step late, so that no step waits for a
        GPU. All ranks must ask at the same time."""
        if self._step_loss is not None:
            if self.plan.devices > 1:
                distributed.all_reduce(self._step_loss)
            self._last_loss, self._step_loss = float(self._step_loss), None
            self.diverged = self.diverged or not math.isfinite(self._last_loss)
        return self._last_loss

    @property
    def last_loss(self) -> float | None:
        """What `check_loss` found when it was asked last."""
        return self._last_loss

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        loss = self.check_loss()
        average = None if self._average is None else self._average.state()
        checkpoint[_PROGRESS] = {
            "examples": self.examples,
            "diverged": self.diverged,
            "loss": loss,
            "average": average,
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        progress = checkpoint[_PROGRESS]
        self.examples, self.diverged = progress["examples"], progress["diverged"]
        self._last_loss = progress["loss"]
        self._resumed_average = progress["average"]
        if RANDOM_STATES in checkpoint:
            self._resumed_random = checkpoint[RANDOM_STATES][self.global_rank]

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels = batch
        # Not compiled: that takes longer than it saves in one pass over a part.
        self.tally.add(self.network.forward(images), labels)

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)
