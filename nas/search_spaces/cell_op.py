"""An op of one's own for the cell spaces: what a network builds for its name, and what that costs. Torch-free."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nas.errors import UserError, check_part
from nas.search_spaces.cell_architecture import OPS
from nas.search_spaces.cost import Cost

if TYPE_CHECKING:
    from torch import nn

    NormFactory = Callable[[int], nn.Module]  # channels -> a batch norm


class CellOp(ABC):
    """Subclasses are frozen dataclasses: their fields are their identity.

    `network.own_ops` gives it a name, `search_space.own_ops` allows the name, and `search_space.ops` uses it.
    """

    @abstractmethod
    def build(self, in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
        """The op with fresh weights, from `(batch, in_channels, height, width)` to `(batch, filters, ceil(height / s),
        ceil(width / s))`.

        Args:
            in_channels: of what it reads; may differ from `filters`.
            filters: channels of what it puts out.
            stride: 1 or 2.
            norm: makes a batch norm for so many channels.
        """

    @abstractmethod
    def cost(self, in_channels: int, filters: int, stride: int, size: tuple[int, int]) -> Cost:
        """Trainable parameters, multiply-adds, and what convolutions and batch norms put out, in closed form; see
        `nas.search_spaces.cell_cost.conv_cost`.

        Args:
            in_channels, filters, stride: those of `build`.
            size: height and width of what it reads.
        """


def checked_own_ops(own_ops: Mapping[str, Any] | None) -> dict[str, CellOp] | None:
    """
    Raises:
        UserError: a name is taken, or what it stands for is no op.
    """
    if not own_ops:
        return None
    for name, op in own_ops.items():
        if name in OPS:
            raise UserError(f"network.own_ops names an op {name!r}, which there is already: give it another name")
        check_part(op, CellOp, f"network.own_ops.{name}")
    return dict(own_ops)
