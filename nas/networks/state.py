"""A hidden state on its way through a cell."""

from functools import cached_property

import torch.nn.functional as F
from torch import Tensor, nn


class State:
    """A tensor whose ReLU is computed at most once, however many ops read it.

    Attributes:
        value: `(batch, channels, height, width)`.
    """

    def __init__(self, value: Tensor) -> None:
        self.value = value

    @cached_property
    def rectified(self) -> Tensor:
        return F.relu(self.value)

    def into(self, op: nn.Module) -> Tensor:
        """What `op` makes of it."""
        return op.after_relu(self.rectified) if isinstance(op, ReluFirst) else op(self.value)


class ReluFirst(nn.Sequential):
    """Layers behind a ReLU that other readers of the same input share."""

    def forward(self, x: Tensor) -> Tensor:
        return self.after_relu(F.relu(x))

    def after_relu(self, rectified: Tensor) -> Tensor:
        """The same for an input that is its own ReLU."""
        return super().forward(rectified)
