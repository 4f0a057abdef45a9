"""Halving a map without losing every second pixel (authors' code of NASNet, `nasnet_utils.factorized_reduction`)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from nas.networks.concatenation import concatenate
from nas.networks.same_padding import SameConv2d


class FactorizedReduction(nn.Module):
    """Two 1x1 convolutions, one on the even and one on the odd pixels, joined along the channels.

    Of an odd number of channels the second path makes the spare one; of an odd size it sees zeros after the end. The
    batch norm follows outside.

    Args:
        in_channels: of the input.
        out_channels: at least 2.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        assert out_channels >= 2
        self.even = SameConv2d(in_channels, out_channels // 2, 1)
        self.odd = SameConv2d(in_channels, out_channels - out_channels // 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, in_channels, height, width)` to `(batch, out_channels, ceil(height / 2), ceil(width / 2))`."""
        missing_rows, missing_columns = x.shape[2] % 2, x.shape[3] % 2
        if missing_rows or missing_columns:
            x = F.pad(x, (0, missing_columns, 0, missing_rows))
        even, odd = _Diagonal.apply(x) if torch.is_grad_enabled() else (x[:, :, ::2, ::2], x[:, :, 1::2, 1::2])
        return concatenate([self.even(even), self.odd(odd)])


class _Diagonal(torch.autograd.Function):
    """The pixels of even rows and columns and those of odd ones; their gradients share one tensor of zeros."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        ctx.shape = x.shape
        return x[:, :, ::2, ::2].clone(), x[:, :, 1::2, 1::2].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, even: Tensor, odd: Tensor) -> Tensor:
        is_last = even.is_contiguous(memory_format=torch.channels_last)
        memory_format = torch.channels_last if is_last else torch.contiguous_format
        gradient = torch.empty(ctx.shape, dtype=even.dtype, device=even.device, memory_format=memory_format).zero_()
        gradient[:, :, ::2, ::2] = even
        gradient[:, :, 1::2, 1::2] = odd
        return gradient
