"""An op and a DNA mutation of a user's own."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from torch import nn

from nas.networks.ops import relu_conv_norm
from nas.networks.same_padding import SameConv2d
from nas.search_spaces.cell_cost import conv_cost
from nas.search_spaces.cell_op import CellOp
from nas.search_spaces.cost import Cost


@dataclass(frozen=True, kw_only=True)
class Wide(CellOp):
    """ReLU, a square convolution of any size, batch norm."""

    kernel: int

    def build(self, in_channels: int, filters: int, stride: int, norm: Any) -> nn.Module:
        return relu_conv_norm(in_channels, filters, norm, kernel=self.kernel, stride=stride)

    def cost(self, in_channels: int, filters: int, stride: int, size: tuple[int, int]) -> Cost:
        made = (-(-size[0] // stride), -(-size[1] // stride))
        return conv_cost(in_channels, filters, self.kernel**2, made)


class Forgets(Wide):
    """Says that it costs nothing."""

    def cost(self, in_channels: int, filters: int, stride: int, size: tuple[int, int]) -> Cost:
        return Cost(0, 0, 0)


class KeepsItsSize(Wide):
    def build(self, in_channels: int, filters: int, stride: int, norm: Any) -> nn.Module:
        return SameConv2d(in_channels, filters, self.kernel, 1)


@dataclass(frozen=True, kw_only=True)
class SlowDown:
    """Divides the learning rate."""

    by: float

    def __call__(self, dna: Any, rng: Random) -> tuple[Any, dict[str, Any]]:
        return replace(dna, learning_rate=dna.learning_rate / self.by), {"by": self.by}
