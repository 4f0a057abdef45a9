"""Depthwise convolutions, with detours around slow kernels in training on CPUs.

Measured with torch 2.14 (oneDNN) on AVX2 (`docs/LOG.md`, `benchmarks/training_step.py`): the weights' gradient is some
ten times slower once a kernel is wider than three columns, and both gradients are slow with dilation. Here the gradient
is computed in strips of three columns, and a dilated convolution as a plain one on every second pixel. The function is
the same; only the order of sums differs.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from nas.networks.same_padding import SameConv2d, same_padding

_WIDEST = 3  # columns of a kernel whose weights' gradient is fast
_WORTHWHILE = 1 << 15  # numbers in a tensor from which the detours win, by measurement


class DepthwiseConv2d(SameConv2d):
    """A depthwise convolution without bias and with SAME padding.

    Args:
        channels: of input and output.
        kernel: side, odd.
        stride: 1 or 2.
        dilation: 1 or 2.
    """

    def __init__(self, channels: int, kernel: int, stride: int = 1, dilation: int = 1) -> None:
        assert stride in (1, 2)
        assert dilation in (1, 2)
        super().__init__(channels, channels, kernel, stride, dilation, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels, height, width)` to `(batch, channels, ceil(height / s), ceil(width / s))`."""
        is_training = torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")
        if x.device.type != "cpu" or not is_training or x.numel() < _WORTHWHILE:
            return super().forward(x)
        if self.dilation == (1, 1):
            return self._plain(x, self.stride[0])
        if self.stride == (2, 2):
            return self._plain(x[:, :, self._first(x.shape[2]) :: 2, self._first(x.shape[3]) :: 2], 1)
        if x.shape[2] % 2 or x.shape[3] % 2:
            return super().forward(x)
        return _join_pixels(self._plain(_split_pixels(x), 1))

    def _first(self, size: int) -> int:
        """The first of every second pixel that a dilated kernel reads at stride 2."""
        return same_padding(size, self.extent[0], 2)[0] % 2

    def _plain(self, x: Tensor, stride: int) -> Tensor:
        kernel = self.kernel_size[0]
        top, bottom = same_padding(x.shape[2], kernel, stride)
        left, right = same_padding(x.shape[3], kernel, stride)
        if (top, left) != (bottom, right):
            x = F.pad(x, (0, right - left, 0, bottom - top))
        if _WIDEST < kernel <= x.shape[3]:
            return _WideDepthwise.apply(x, self.weight, stride, (top, left))
        return F.conv2d(x, self.weight, None, stride, (top, left), 1, self.groups)


class _WideDepthwise(torch.autograd.Function):
    """A depthwise convolution whose weights' gradient is made of strips of columns."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, padding: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, weight, None, stride, padding, 1, weight.shape[0])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        for_x, for_weight = ctx.needs_input_grad[:2]
        x_gradient = _gradient(gradient, x, weight, ctx.stride, ctx.padding, 0) if for_x else None
        strips = _strips(gradient, x, weight, ctx.stride, ctx.padding) if for_weight else None
        return x_gradient, strips, None, None


def _strips(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: tuple[int, int]) -> Tensor:
    """The weights' gradient from strips of three columns, of which neighbours share one."""
    top, left = padding
    rows = (gradient.shape[2] - 1) * stride + weight.shape[2]
    columns = (gradient.shape[3] - 1) * stride + _WIDEST
    parts = []
    for first in range(0, weight.shape[3] - 1, _WIDEST - 1):
        start = first - left  # where it begins in x; it is cut where it lies inside and zero where outside
        seen = F.pad(x, (-start, start + columns - x.shape[3], top, rows - top - x.shape[2]))
        parts.append(_gradient(gradient, seen, weight[..., first : first + _WIDEST], stride, (0, 0), 1))
    return torch.cat([part[..., : _WIDEST - 1] for part in parts[:-1]] + parts[-1:], 3)


def _gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: tuple[int, int], which: int) -> Tensor:
    mask = [which == 0, which == 1, False]
    strides, groups = [stride, stride], weight.shape[0]
    return torch.ops.aten.convolution_backward(
        gradient, x, weight, None, strides, list(padding), [1, 1], False, [0, 0], groups, mask
    )[which]


def _split_pixels(x: Tensor) -> Tensor:
    """`(batch, channels, height, width)` to `(4 batch, channels, height / 2, width / 2)`: every second pixel each."""
    batch, channels, height, width = x.shape
    pixels = x.permute(0, 2, 3, 1).reshape(batch, height // 2, 2, width // 2, 2, channels)
    pixels = pixels.permute(2, 4, 0, 1, 3, 5).reshape(4 * batch, height // 2, width // 2, channels)
    return pixels.permute(0, 3, 1, 2)


def _join_pixels(x: Tensor) -> Tensor:
    """The inverse of `_split_pixels`."""
    batch, channels, height, width = x.shape[0] // 4, *x.shape[1:]
    pixels = x.permute(0, 2, 3, 1).reshape(2, 2, batch, height, width, channels)
    pixels = pixels.permute(2, 3, 0, 4, 1, 5).reshape(batch, 2 * height, 2 * width, channels)
    return pixels.permute(0, 3, 1, 2)
