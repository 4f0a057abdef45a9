"""Halving a map without losing every second pixel (authors' code of NASNet, `nasnet_utils.factorized_reduction`)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
        self.even = SameConv2d(in_channels, out_channels // 2, 1, stride=2)
        self.odd = SameConv2d(in_channels, out_channels - out_channels // 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, in_channels, height, width)` to `(batch, out_channels, ceil(height / 2), ceil(width / 2))`."""
        shifted = x[:, :, 1::2, 1::2]
        missing_rows, missing_columns = x.shape[2] % 2, x.shape[3] % 2
        if missing_rows or missing_columns:
            shifted = F.pad(shifted, (0, missing_columns, 0, missing_rows))
        return torch.cat((self.even(x), self.odd(shifted)), 1)
