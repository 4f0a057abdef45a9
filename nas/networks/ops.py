"""The ops of the cell spaces: one table from name to factory.

Source: NASNet (arXiv 1707.07012, appendix A.4) and the authors' code. Every convolution is ReLU, convolution without
bias, batch norm.
"""

from collections.abc import Callable, Mapping

from torch import nn

from nas.networks.depthwise import DepthwiseConv2d
from nas.networks.same_padding import SameConv2d, SamePool2d
from nas.networks.state import ReluFirst
from nas.search_spaces.cell_op import CellOp

NormFactory = Callable[[int], nn.Module]  # channels -> a batch norm
OpFactory = Callable[[int, int, int, NormFactory], nn.Module]  # in_channels, filters, stride, norm
ConvFactory = Callable[[int, int, int, NormFactory], ReluFirst]


def make_op(
    name: str,
    in_channels: int,
    filters: int,
    stride: int,
    norm: NormFactory,
    own_ops: Mapping[str, CellOp] | None = None,
) -> nn.Module:
    """An op from `(batch, in_channels, height, width)` to `(batch, filters, ceil(height / s), ceil(width / s))`."""
    if own_ops and name in own_ops:
        return own_ops[name].build(in_channels, filters, stride, norm)
    return OPS[name](in_channels, filters, stride, norm)


def relu_conv_norm(
    in_channels: int,
    filters: int,
    norm: NormFactory,
    *,
    kernel: int | tuple[int, int] = 1,
    stride: int | tuple[int, int] = 1,
    dilation: int = 1,
) -> ReluFirst:
    """ReLU, convolution, batch norm."""
    return ReluFirst(SameConv2d(in_channels, filters, kernel, stride, dilation), norm(filters))


def _chain(*parts: ReluFirst) -> ReluFirst:
    """One after the other; nothing else reads what is between them, so that their ReLUs work in place."""
    layers = [*parts[0]]
    for part in parts[1:]:
        layers += [nn.ReLU(inplace=True), *part]
    return ReluFirst(*layers)


def _none(in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
    if stride == 1 and in_channels == filters:
        return nn.Identity()
    return relu_conv_norm(in_channels, filters, norm, stride=stride)


def _conv_1x1(in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
    return relu_conv_norm(in_channels, filters, norm, stride=stride)


def _pool(kind: str, kernel: int) -> OpFactory:
    def make(in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
        pool = SamePool2d(kind, kernel, stride)
        if in_channels == filters:
            return pool
        return nn.Sequential(pool, SameConv2d(in_channels, filters, 1), norm(filters))

    return make


def _separable(kernel: int, dilation: int = 1) -> OpFactory:
    """Twice ReLU, depthwise, pointwise, batch norm; the stride is the first depthwise's."""

    def half(in_channels: int, filters: int, stride: int, norm: NormFactory) -> ReluFirst:
        depthwise = DepthwiseConv2d(in_channels, kernel, stride, dilation)
        return ReluFirst(depthwise, SameConv2d(in_channels, filters, 1), norm(filters))

    def make(in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
        return _chain(half(in_channels, filters, stride, norm), half(filters, filters, 1, norm))

    return make


def _square(dilation: int = 1) -> ConvFactory:
    def make(in_channels: int, filters: int, stride: int, norm: NormFactory) -> ReluFirst:
        return relu_conv_norm(in_channels, filters, norm, kernel=3, stride=stride, dilation=dilation)

    return make


def _pair(length: int) -> ConvFactory:
    """A row kernel, then a column kernel; each has the stride of its own direction."""

    def make(in_channels: int, filters: int, stride: int, norm: NormFactory) -> ReluFirst:
        row = relu_conv_norm(in_channels, filters, norm, kernel=(1, length), stride=(1, stride))
        column = relu_conv_norm(filters, filters, norm, kernel=(length, 1), stride=(stride, 1))
        return _chain(row, column)

    return make


def _bottleneck(inner: ConvFactory, numerator: int, denominator: int) -> OpFactory:
    """`inner` on a fraction of the filters, between two 1x1 convolutions; alone if no whole filter would be left."""

    def make(in_channels: int, filters: int, stride: int, norm: NormFactory) -> nn.Module:
        narrow = filters * numerator // denominator
        if narrow < 1:
            return inner(in_channels, filters, stride, norm)
        return _chain(
            relu_conv_norm(in_channels, narrow, norm),
            inner(narrow, narrow, stride, norm),
            relu_conv_norm(narrow, filters, norm),
        )

    return make


OPS: dict[str, OpFactory] = {
    "none": _none,
    "conv_1x1": _conv_1x1,
    "conv_3x3": _bottleneck(_square(), 1, 4),
    "sep_conv_3x3": _separable(3),
    "sep_conv_5x5": _separable(5),
    "sep_conv_7x7": _separable(7),
    "avg_pool_2x2": _pool("avg", 2),
    "avg_pool_3x3": _pool("avg", 3),
    "min_pool_2x2": _pool("min", 2),
    "max_pool_2x2": _pool("max", 2),
    "max_pool_3x3": _pool("max", 3),
    "dil_sep_conv_3x3": _separable(3, dilation=2),
    "dil_sep_conv_5x5": _separable(5, dilation=2),
    "dil_sep_conv_7x7": _separable(7, dilation=2),
    "conv_1x3_3x1": _bottleneck(_pair(3), 3, 8),
    "conv_1x7_7x1": _bottleneck(_pair(7), 1, 4),
    "dil_2_conv_3x3": _bottleneck(_square(2), 1, 4),
    "dil_4_conv_3x3": _bottleneck(_square(4), 1, 4),
    "dil_6_conv_3x3": _bottleneck(_square(6), 1, 4),
}
