"""How the images of an epoch fall into optimizer steps, and those of a step into passes and the ranks' shares."""

from dataclasses import dataclass

from nas.errors import UserError
from nas.training.recipe import Recipe


@dataclass(frozen=True)
class BatchPlan:
    """A step sees `recipe.batch_size` images, whatever the devices and passes; an epoch's last step may see fewer.

    Attributes:
        recipe: gives batch size and epochs.
        num_train: images of the training part.
        devices: ranks; each takes every so many images of a pass.
        accumulate: passes whose gradients make a step.

    Raises:
        UserError: a batch cannot be shared out evenly, or no batch is full although smaller ones are left out.
    """

    recipe: Recipe
    num_train: int
    devices: int
    accumulate: int

    def __post_init__(self) -> None:
        shares = self.devices * self.accumulate
        if self.recipe.batch_size % shares:
            raise UserError(
                f"training.batch_size is {self.recipe.batch_size}, it must be a multiple of a child's devices times "
                f"hardware.accumulate, {self.devices} x {self.accumulate} = {shares}"
            )
        last = self.images(self.num_batches - 1)
        if last < self.devices:
            raise UserError(
                f"training.drop_last is false, which leaves {last} images for an epoch's last pass, too few for "
                f"{self.devices} devices: take training.drop_last=true or another training.batch_size"
            )

    @property
    def batch_size(self) -> int:
        """Images of a full pass, over all ranks."""
        return self.recipe.batch_size // self.accumulate

    @property
    def steps_per_epoch(self) -> int:
        return self.recipe.steps_per_epoch(self.num_train)

    @property
    def num_steps(self) -> int:
        """Of the whole training."""
        return self.recipe.num_steps(self.num_train)

    @property
    def num_batches(self) -> int:
        """Passes in an epoch."""
        return -(-self._end // self.batch_size)

    def begins_step(self, batch: int) -> bool:
        """Whether this pass, counted from the epoch's first, is a step's first."""
        return batch % self.accumulate == 0

    def images(self, batch: int) -> int:
        """Images of a pass, over all ranks."""
        return min(self.batch_size, self._end - batch * self.batch_size)

    def step_images(self, batch: int) -> int:
        """Images of the whole step that the pass belongs to."""
        size = self.recipe.batch_size
        return min(size, self._end - batch // self.accumulate * size)

    @property
    def _end(self) -> int:
        return self.steps_per_epoch * self.recipe.batch_size if self.recipe.drop_last else self.num_train
