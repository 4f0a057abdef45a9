"""Convolutions and pools with TensorFlow's SAME padding: ceil(size / stride) outputs, a spare pixel after.

The published cells were made with it. At stride 1 it is the usual symmetric padding; at stride 2 an even size gets one
pixel less at the top and left than symmetric padding would give.
"""

import torch.nn.functional as F
from torch import Tensor, nn

Pair = tuple[int, int]


def same_padding(size: int, kernel: int, stride: int) -> Pair:
    """Pixels before and after one axis of `size` pixels, for a kernel of that extent (dilation included)."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """A convolution with SAME padding; the dilated extent of the kernel must be odd. It is made without a bias."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int | Pair,
        stride: int | Pair = 1,
        dilation: int = 1,
        groups: int = 1,
    ) -> None:
        height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
        self.extent = (dilation * (height - 1) + 1, dilation * (width - 1) + 1)
        half = (self.extent[0] // 2, self.extent[1] // 2)
        super().__init__(in_channels, out_channels, (height, width), stride, half, dilation, groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, in_channels, height, width)` to `(batch, out_channels, ceil(height / s), ceil(width / s))`."""
        if self.stride == (1, 1):
            return super().forward(x)
        if self.extent == (1, 1):
            # The same function without a strided 1x1 convolution: on AVX2 processors torch 2.14's own writes beyond
            # its memory in the backward pass, when images are channels_last and have 2 to 6 channels.
            return F.conv2d(x[:, :, :: self.stride[0], :: self.stride[1]], self.weight, self.bias, groups=self.groups)
        top, bottom = same_padding(x.shape[2], self.extent[0], self.stride[0])
        left, right = same_padding(x.shape[3], self.extent[1], self.stride[1])
        if (top, left) != (bottom, right):  # the convolution itself pads symmetrically only
            x = F.pad(x, (0, right - left, 0, bottom - top))
        return F.conv2d(x, self.weight, self.bias, self.stride, (top, left), self.dilation, self.groups)


class SamePool2d(nn.Module):
    """Average, maximum or minimum over 2x2 or 3x3 windows with SAME padding; padding takes no part in any of them.

    Args:
        kind: "avg", "max" or "min".
        kernel: 2 or 3.
        stride: 1 or 2.
    """

    def __init__(self, kind: str, kernel: int, stride: int) -> None:
        super().__init__()
        assert kind in ("avg", "max", "min")
        assert kernel in (2, 3)
        assert stride in (1, 2)
        self.kind, self.kernel, self.stride = kind, kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels, height, width)` to `(batch, channels, ceil(height / s), ceil(width / s))`."""
        if self.kernel == 2 and self.stride == 1:
            # Padded on all sides, then without the first row and column: what is left was padded after only.
            return self._pool(x, (1, 1))[:, :, 1:, 1:]
        # ceil_mode makes the last window hang over the end: the missing pixel of an even size, without a padded copy.
        return self._pool(
            x,
            (
                same_padding(x.shape[2], self.kernel, self.stride)[0],
                same_padding(x.shape[3], self.kernel, self.stride)[0],
            ),
        )

    def _pool(self, x: Tensor, padding: Pair) -> Tensor:
        if self.kind == "avg":
            return F.avg_pool2d(x, self.kernel, self.stride, padding, ceil_mode=True, count_include_pad=False)
        if self.kind == "max":
            return F.max_pool2d(x, self.kernel, self.stride, padding, ceil_mode=True)
        return -F.max_pool2d(-x, self.kernel, self.stride, padding, ceil_mode=True)

    def extra_repr(self) -> str:
        return f"{self.kind}, {self.kernel}, stride={self.stride}"
