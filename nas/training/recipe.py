"""How a network is trained, as plain values. Torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from nas.data.augmentation import Augmentation
from nas.errors import UserError

OPTIMIZERS = ("sgd", "rmsprop")
SCHEDULES = ("cosine", "exponential", "constant")
PRECISIONS = ("auto", "32", "bf16")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Stochastic gradient descent from fresh weights.

    Attributes:
        epochs: passes over the training part; None where `steps` says how long.
        steps: optimizer steps, which may end within an epoch; None where `epochs` says how long.
        batch_size: images per step, over all devices.
        drop_last: leaves out an epoch's last images where they do not fill a batch, other ones every epoch, so that all
            steps weigh the same; false trains on a smaller last batch.
        optimizer: "sgd" with momentum, or "rmsprop", which also divides by the gradient's running size.
        learning_rate: at the start, or at the end of a warm-up.
        learning_rate_batch_size: the batch size that `learning_rate` is meant for; another one scales it in proportion
            (Goyal et al. 2017, arXiv 1706.02677, section 2.1). None takes `learning_rate` as it is.
        warmup_epochs: in which the learning rate grows linearly from 0.
        schedule: "cosine": to 0 in one half period, step by step; "exponential": times `decay_rate` every
            `decay_epochs`; "constant".
        decay_rate: of the exponential schedule.
        decay_epochs: likewise; need not be whole.
        momentum: of the gradient's running sum.
        rmsprop_decay: of the gradient's mean square.
        rmsprop_epsilon: added to the mean square, inside the root.
        weight_decay: L2 penalty, added to the gradient.
        decay_all: also decays biases and batch norms; false decays the weights of convolutions and linear layers only,
            as the authors' code does.
        label_smoothing: share of the target that is spread over all classes.
        auxiliary_weight: of the auxiliary head's loss, where the network has one.
        gradient_clip: largest norm of the gradient over all parameters; None = off.
        ema: decay of a moving average of the weights, which are the final ones; None = off.
        sync_batchnorm: batch norms over all of a child's GPUs; false normalises each GPU's share of a batch by itself.
        crop_padding: black pixels around an image, from which it is cropped at random; 0 = off.
        flip: mirrors half of the images, where the data set allows it.
        cutout: side in pixels of a square set to the mean; 0 = off.
        precision: "32", "bf16" (mixed), or "auto": bf16 on GPUs that have it, else 32.
    """

    epochs: int | None
    steps: int | None
    batch_size: int
    drop_last: bool
    optimizer: str
    learning_rate: float
    learning_rate_batch_size: int | None
    warmup_epochs: int
    schedule: str
    decay_rate: float
    decay_epochs: float
    momentum: float
    rmsprop_decay: float
    rmsprop_epsilon: float
    weight_decay: float
    decay_all: bool
    label_smoothing: float
    auxiliary_weight: float
    gradient_clip: float | None
    ema: float | None
    sync_batchnorm: bool
    crop_padding: int
    flip: bool
    cutout: int
    precision: str
    name: ClassVar[str] = "sgd"

    def __post_init__(self) -> None:
        object.__setattr__(self, "precision", str(self.precision))
        for key, least in (("batch_size", 1), ("warmup_epochs", 0), ("crop_padding", 0), ("cutout", 0)):
            self._check_count(key, least)
        for key in ("epochs", "steps", "learning_rate_batch_size"):
            if getattr(self, key) is not None:
                self._check_count(key, 1)
        if (self.epochs is None) == (self.steps is None):
            raise UserError(
                f"training.epochs is {self.epochs!r} and training.steps {self.steps!r}, one of them must be null"
            )
        if self.epochs is not None and self.warmup_epochs >= self.epochs:
            raise UserError(
                f"training.warmup_epochs is {self.warmup_epochs}, it must be below training.epochs, {self.epochs}"
            )
        self._check_choice("optimizer", OPTIMIZERS)
        self._check_choice("schedule", SCHEDULES)
        self._check_choice("precision", PRECISIONS)
        self._check("learning_rate", "above 0", lambda value: value > 0)
        self._check("decay_rate", "above 0 and at most 1", lambda value: 0 < value <= 1)
        self._check("decay_epochs", "above 0", lambda value: value > 0)
        self._check("momentum", "at least 0 and below 1", lambda value: 0 <= value < 1)
        self._check("rmsprop_decay", "at least 0 and below 1", lambda value: 0 <= value < 1)
        self._check("rmsprop_epsilon", "above 0", lambda value: value > 0)
        self._check("weight_decay", "at least 0", lambda value: value >= 0)
        self._check("label_smoothing", "at least 0 and below 1", lambda value: 0 <= value < 1)
        self._check("auxiliary_weight", "at least 0", lambda value: value >= 0)
        if self.gradient_clip is not None:
            self._check("gradient_clip", "above 0, or null", lambda value: value > 0)
        if self.ema is not None:
            self._check("ema", "above 0 and below 1, or null", lambda value: 0 < value < 1)

    @property
    def scaled_learning_rate(self) -> float:
        """The learning rate for this batch size."""
        if self.learning_rate_batch_size is None:
            return self.learning_rate
        return self.learning_rate * self.batch_size / self.learning_rate_batch_size

    def steps_per_epoch(self, num_train: int) -> int:
        """Optimiser steps in one epoch.

        Raises:
            UserError: there is no full batch although smaller ones are left out.
        """
        if not self.drop_last:
            return -(-num_train // self.batch_size)
        if num_train < self.batch_size:
            raise UserError(
                f"training.batch_size is {self.batch_size}, it must be at most the number of training images, "
                f"{num_train}, or training.drop_last=false"
            )
        return num_train // self.batch_size

    def num_steps(self, num_train: int) -> int:
        """Optimiser steps in the whole training; errors are those of `steps_per_epoch`."""
        if self.steps is not None:
            return self.steps
        assert self.epochs is not None
        return self.epochs * self.steps_per_epoch(num_train)

    def num_epochs(self, num_train: int) -> int:
        """Epochs that are begun; errors are those of `steps_per_epoch`."""
        return -(-self.num_steps(num_train) // self.steps_per_epoch(num_train))

    def num_examples(self, num_train: int) -> int:
        """Images that the whole training shows, repeats counted; errors are those of `steps_per_epoch`."""
        whole, rest = divmod(self.num_steps(num_train), self.steps_per_epoch(num_train))
        in_epoch = self.steps_per_epoch(num_train) * self.batch_size if self.drop_last else num_train
        return whole * in_epoch + rest * self.batch_size

    def of(self, architecture: Any) -> "Recipe":
        """The recipe with the learning rate that an architecture may hold itself (DNA does)."""
        if not isinstance(architecture, Mapping) or "learning_rate" not in architecture:
            return self
        return replace(self, learning_rate=architecture["learning_rate"])

    @property
    def augmentation(self) -> Augmentation:
        """What is done to training images."""
        return Augmentation(crop_padding=self.crop_padding, flip=self.flip, cutout=self.cutout)

    def _check_count(self, key: str, least: int) -> None:
        value = getattr(self, key)
        if type(value) is not int or value < least:
            raise UserError(f"training.{key} is {value!r}, it must be a whole number of at least {least}")

    def _check(self, key: str, allowed: str, is_allowed: Any) -> None:
        value = getattr(self, key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not is_allowed(value):
            raise UserError(f"training.{key} is {value!r}, it must be {allowed}")

    def _check_choice(self, key: str, allowed: tuple[str, ...]) -> None:
        if getattr(self, key) not in allowed:
            raise UserError(f"training.{key} is {getattr(self, key)!r}, allowed are {', '.join(allowed)}")
