"""The op table: shapes at any size, width and stride, gradients, and what the ops compute."""

import numpy as np
import pytest
import torch
from torch import nn

from nas.networks.ops import OPS, make_op
from nas.networks.same_padding import SameConv2d
from nas.search_spaces.cell_architecture import OPS as OP_NAMES
from nas.search_spaces.cell_cost import OP_COSTS


def norm(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels)


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_table_has_the_nineteen_ops_of_sp_ii():
    assert set(OPS) == set(OP_NAMES)
    assert len(OPS) == 19


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", OP_NAMES)
def test_shape_gradient_and_cost(name, stride):
    for in_channels, filters, size in [
        (6, 6, (8, 8)),
        (9, 5, (7, 10)),
        (3, 11, (5, 5)),
        (4, 3, (2, 1)),
        (2, 2, (1, 1)),
    ]:
        op = make_op(name, in_channels, filters, stride, norm)
        x = torch.randn(3, in_channels, *size, requires_grad=True)
        y = op(x)
        assert y.shape == (3, filters, -(-size[0] // stride), -(-size[1] // stride))
        (y * torch.randn_like(y)).sum().backward()
        assert x.grad is not None
        assert all(parameter.grad is not None for parameter in op.parameters())
        assert parameters(op) == OP_COSTS[name](in_channels, filters, stride, size).parameters


@pytest.mark.parametrize("name", OP_NAMES)
def test_an_op_leaves_its_input_alone(name):
    """Several ops read the same state."""
    for stride in (1, 2):
        for filters in (2, 8):
            op = make_op(name, 8, filters, stride, norm)
            x = torch.randn(2, 8, 6, 6)
            before = x.clone()
            op(x)
            assert torch.equal(x, before)


@pytest.mark.parametrize("name", OP_NAMES)
def test_channels_last_changes_no_result_and_stays(name):
    for stride in (1, 2):
        torch.manual_seed(0)
        op = make_op(name, 8, 8, stride, norm).eval()
        x = torch.randn(2, 8, 6, 6)
        y = op(x)
        op.to(memory_format=torch.channels_last)
        z = op(x.contiguous(memory_format=torch.channels_last))
        assert torch.allclose(y, z, atol=1e-5)
        assert z.stride(1) == 1


def windows(size: int, kernel: int, stride: int) -> list[range]:
    """TensorFlow's SAME windows along one axis, clipped to the image."""
    outputs = -(-size // stride)
    before = max((outputs - 1) * stride + kernel - size, 0) // 2
    return [range(max(at * stride - before, 0), min(at * stride - before + kernel, size)) for at in range(outputs)]


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", [name for name in OP_NAMES if "pool" in name])
@pytest.mark.parametrize("size", [(6, 6), (7, 7), (7, 4), (1, 3), (2, 2)])
def test_pools_are_those_of_tensorflow(name, stride, size):
    reduce = {"avg": np.mean, "max": np.max, "min": np.min}[name[:3]]
    kernel = int(name[-1])
    x = torch.randn(2, 3, *size)
    rows, columns = (windows(length, kernel, stride) for length in size)
    expected = [
        [reduce(x.numpy()[:, :, row.start : row.stop, column.start : column.stop], axis=(2, 3)) for column in columns]
        for row in rows
    ]
    got = make_op(name, 3, 3, stride, norm)(x).numpy()
    np.testing.assert_allclose(got, np.transpose(expected, (2, 3, 0, 1)), atol=1e-6)


@pytest.mark.parametrize("size", [(6, 6), (7, 4)])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [
        ((3, 3), (2, 2), 1),
        ((7, 7), (2, 2), 1),
        ((1, 7), (1, 2), 1),
        ((7, 1), (2, 1), 1),
        ((3, 3), (2, 2), 4),
        ((5, 5), (1, 1), 2),
    ],
)
def test_convolutions_are_those_of_tensorflow(kernel, stride, dilation, size):
    conv = SameConv2d(2, 3, kernel, stride, dilation)
    x = torch.randn(1, 2, *size)
    image, weight = x.numpy()[0], conv.weight.detach().numpy()
    outputs = [-(-length // step) for length, step in zip(size, stride, strict=True)]
    extents = [dilation * (length - 1) + 1 for length in kernel]
    before = [
        max((count - 1) * step + extent - length, 0) // 2
        for count, step, extent, length in zip(outputs, stride, extents, size, strict=True)
    ]
    expected = np.zeros((3, *outputs))
    for out_row, out_column, row, column in np.ndindex(*outputs, *kernel):
        at = out_row * stride[0] - before[0] + row * dilation, out_column * stride[1] - before[1] + column * dilation
        if 0 <= at[0] < size[0] and 0 <= at[1] < size[1]:
            expected[:, out_row, out_column] += weight[:, :, row, column] @ image[:, at[0], at[1]]
    np.testing.assert_allclose(conv(x).detach().numpy()[0], expected, atol=1e-5)


def test_none_is_nothing_or_a_strided_1x1_convolution():
    assert isinstance(make_op("none", 4, 4, 1, norm), nn.Identity)
    assert parameters(make_op("none", 4, 4, 2, norm)) == 4 * 4 + 8
    assert parameters(make_op("none", 6, 4, 1, norm)) == 6 * 4 + 8


def test_separable_twice_with_the_stride_in_the_first():
    convs = [part for part in make_op("sep_conv_5x5", 6, 4, 2, norm).modules() if isinstance(part, nn.Conv2d)]
    assert [(conv.in_channels, conv.out_channels, conv.groups, conv.stride[0]) for conv in convs] == [
        (6, 6, 6, 2),
        (6, 4, 1, 1),
        (4, 4, 4, 1),
        (4, 4, 1, 1),
    ]
    dilated = [part for part in make_op("dil_sep_conv_5x5", 6, 4, 2, norm).modules() if isinstance(part, nn.Conv2d)]
    assert [conv.dilation[0] for conv in dilated] == [2, 1, 2, 1]


@pytest.mark.parametrize(
    ("name", "filters", "widths"),
    [
        ("conv_1x7_7x1", 16, [4, 4, 4, 16]),
        ("conv_1x7_7x1", 3, [3, 3]),
        ("conv_1x3_3x1", 16, [6, 6, 6, 16]),
        ("conv_1x3_3x1", 3, [1, 1, 1, 3]),
        ("conv_3x3", 16, [4, 4, 16]),
        ("conv_3x3", 3, [3]),
        ("dil_6_conv_3x3", 16, [4, 4, 16]),
    ],
)
def test_bottlenecks(name, filters, widths):
    convs = [part for part in make_op(name, 5, filters, 1, norm).modules() if isinstance(part, nn.Conv2d)]
    assert [conv.out_channels for conv in convs] == widths


def test_the_pair_strides_each_direction_once():
    convs = [part for part in make_op("conv_1x7_7x1", 8, 8, 2, norm).modules() if isinstance(part, nn.Conv2d)]
    assert [(conv.kernel_size, conv.stride) for conv in convs[1:3]] == [((1, 7), (1, 2)), ((7, 1), (2, 1))]


def test_a_strided_1x1_convolution_is_torchs() -> None:
    """It is computed from every second pixel, see `SameConv2d.forward`."""
    conv = SameConv2d(3, 5, 1, stride=2)
    x = torch.randn(2, 3, 7, 8)
    assert torch.equal(conv(x), torch.nn.functional.conv2d(x, conv.weight, stride=2))
