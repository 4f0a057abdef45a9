"""How a network is trained, as plain values. Torch-free."""

from dataclasses import dataclass
from typing import Any, ClassVar

from nas.data.augmentation import Augmentation
from nas.errors import UserError

SCHEDULES = ("cosine",)
PRECISIONS = ("auto", "32", "bf16")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Stochastic gradient descent with momentum from fresh weights.

    Attributes:
        epochs: passes over the training part.
        batch_size: images per step, over all devices.
        drop_last: leaves out an epoch's last images where they do not fill a batch, other ones every epoch, so that all
            steps weigh the same; false trains on a smaller last batch.
        learning_rate: of the first step.
        schedule: "cosine": to 0 in one half period, step by step.
        momentum: of the gradient's running sum.
        weight_decay: L2 penalty, added to the gradient.
        decay_all: also decays biases and batch norms; false decays the weights of convolutions and linear layers only,
            as the authors' code does.
        label_smoothing: share of the target that is spread over all classes.
        auxiliary_weight: of the auxiliary head's loss, where the network has one.
        gradient_clip: largest norm of the gradient over all parameters; None = off.
        crop_padding: black pixels around an image, from which it is cropped at random; 0 = off.
        flip: mirrors half of the images, where the data set allows it.
        cutout: side in pixels of a square set to the mean; 0 = off.
        precision: "32", "bf16" (mixed), or "auto": bf16 on GPUs that have it, else 32.
    """

    epochs: int
    batch_size: int
    drop_last: bool
    learning_rate: float
    schedule: str
    momentum: float
    weight_decay: float
    decay_all: bool
    label_smoothing: float
    auxiliary_weight: float
    gradient_clip: float | None
    crop_padding: int
    flip: bool
    cutout: int
    precision: str
    name: ClassVar[str] = "sgd"

    def __post_init__(self) -> None:
        object.__setattr__(self, "precision", str(self.precision))
        for key, least in (("epochs", 1), ("batch_size", 1), ("crop_padding", 0), ("cutout", 0)):
            value = getattr(self, key)
            if type(value) is not int or value < least:
                raise UserError(f"training.{key} is {value!r}, it must be a whole number of at least {least}")
        self._check_choice("schedule", SCHEDULES)
        self._check_choice("precision", PRECISIONS)
        self._check("learning_rate", "above 0", lambda value: value > 0)
        self._check("momentum", "at least 0 and below 1", lambda value: 0 <= value < 1)
        self._check("weight_decay", "at least 0", lambda value: value >= 0)
        self._check("label_smoothing", "at least 0 and below 1", lambda value: 0 <= value < 1)
        self._check("auxiliary_weight", "at least 0", lambda value: value >= 0)
        if self.gradient_clip is not None:
            self._check("gradient_clip", "above 0, or null", lambda value: value > 0)

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
        return self.epochs * self.steps_per_epoch(num_train)

    def num_examples(self, num_train: int) -> int:
        """Images that the whole training shows, repeats counted; errors are those of `steps_per_epoch`."""
        if not self.drop_last:
            return self.epochs * num_train
        return self.num_steps(num_train) * self.batch_size

    @property
    def augmentation(self) -> Augmentation:
        """What is done to training images."""
        return Augmentation(crop_padding=self.crop_padding, flip=self.flip, cutout=self.cutout)

    def _check(self, key: str, allowed: str, is_allowed: Any) -> None:
        value = getattr(self, key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not is_allowed(value):
            raise UserError(f"training.{key} is {value!r}, it must be {allowed}")

    def _check_choice(self, key: str, allowed: tuple[str, ...]) -> None:
        if getattr(self, key) not in allowed:
            raise UserError(f"training.{key} is {getattr(self, key)!r}, allowed are {', '.join(allowed)}")
