"""Parameters, multiply-adds and activations of a cell network in closed form, without building it.

Counted as the papers do: trainable weights of convolutions, batch norms (scale and shift) and the classifier;
multiply-adds of convolutions and the classifier, padding included. Activations are what convolutions, batch norms and
the classifier put out. The auxiliary head is never counted.
"""

from collections.abc import Callable, Iterator, Mapping

from nas.search_spaces.cell_op import CellOp
from nas.search_spaces.cell_stack import CellPlace, CellStack, Size
from nas.search_spaces.cost import NOTHING, Block, Cost, Layer, classifier, total_cost

OpCost = Callable[[int, int, int, Size], Cost]  # in_channels, filters, stride, size of the op's input


def network_cost(stack: CellStack, num_classes: int, own_ops: Mapping[str, CellOp] | None = None) -> Cost:
    """The cost of the network that `stack` describes, equal to the built module's to the integer."""
    return total_cost(network_blocks(stack, num_classes, own_ops))


def network_blocks(
    stack: CellStack, num_classes: int | None, own_ops: Mapping[str, CellOp] | None = None
) -> Iterator[Block]:
    """The stem's convolution, every cell in order, and the classifier unless `num_classes` is None."""
    shape = (stack.stem_channels, *stack.stem_size)
    stem = conv_cost(stack.image_shape[0], stack.stem_channels, 9, stack.stem_size)
    yield Block("stem", shape, (Layer("conv_3x3", None, None, shape, stem),))
    for place in stack.cells:
        layers = tuple(cell_layers(place, own_ops or {})) if place.is_live else ()
        yield Block(place.kind, (place.out_channels, *place.size), layers)
    if num_classes is not None:
        yield classifier(stack.out_channels, num_classes)


def cell_layers(place: CellPlace, own_ops: Mapping[str, CellOp]) -> Iterator[Layer]:
    """What is built of one cell: projections, ops, and "joint"s, which let cell inputs join the output."""
    live, filters = place.wiring.live_states, place.filters
    shape = (filters, *place.size)
    for state, projection in enumerate(place.projections):
        if state in live and projection != "untouched":
            size = place.in_sizes[0]
            cost = conv_cost(place.in_channels[state], filters, 1, size)
            yield Layer("projection", state, state, (filters, *size), cost)
    for state, combination in enumerate(place.wiring.combinations, 2):
        if state in live:
            for op, source in combination:
                stride, size = place.state_stride(source), place.state_size(source)
                cost_of = own_ops[op].cost if op in own_ops else OP_COSTS[op]
                cost = cost_of(place.state_channels(source), filters, stride, size)
                yield Layer(op, source, state, shape, cost)
    for state in place.wiring.concat:
        if place.joint_stride(state) is not None:
            cost = conv_cost(place.state_channels(state), filters, 1, place.size)
            yield Layer("joint", state, None, shape, cost)


def conv_cost(in_channels: int, out_channels: int, kernel_area: int, size: Size, groups: int = 1) -> Cost:
    """A convolution without bias followed by a batch norm; `size` is that of its output.

    A factorized reduction costs the same as one 1x1 convolution: its two paths share the output channels.
    """
    weights = in_channels // groups * out_channels * kernel_area
    positions = size[0] * size[1]
    return Cost(weights + 2 * out_channels, weights * positions, 2 * out_channels * positions)


def _strided(size: Size, vertical: int, horizontal: int) -> Size:
    return -(-size[0] // vertical), -(-size[1] // horizontal)


def _none(in_channels: int, filters: int, stride: int, size: Size) -> Cost:
    if stride == 1 and in_channels == filters:
        return NOTHING
    return conv_cost(in_channels, filters, 1, _strided(size, stride, stride))


def _conv_1x1(in_channels: int, filters: int, stride: int, size: Size) -> Cost:
    return conv_cost(in_channels, filters, 1, _strided(size, stride, stride))


def _pool(in_channels: int, filters: int, stride: int, size: Size) -> Cost:
    return NOTHING if in_channels == filters else conv_cost(in_channels, filters, 1, _strided(size, stride, stride))


def _separable(kernel: int) -> OpCost:
    def cost(in_channels: int, filters: int, stride: int, size: Size) -> Cost:
        made = _strided(size, stride, stride)
        positions = made[0] * made[1]
        total = NOTHING
        for channels in (in_channels, filters):
            depthwise = channels * kernel * kernel  # without a batch norm
            total += Cost(depthwise, depthwise * positions, channels * positions)
            total += conv_cost(channels, filters, 1, made)
        return total

    return cost


def _bottleneck(numerator: int, denominator: int, inner: Callable[[int, int, int, Size], Cost]) -> OpCost:
    def cost(in_channels: int, filters: int, stride: int, size: Size) -> Cost:
        narrow = filters * numerator // denominator
        if narrow < 1:
            return inner(in_channels, filters, stride, size)
        narrowed = conv_cost(in_channels, narrow, 1, size)
        widened = conv_cost(narrow, filters, 1, _strided(size, stride, stride))
        return narrowed + inner(narrow, narrow, stride, size) + widened

    return cost


def _square(in_channels: int, out_channels: int, stride: int, size: Size) -> Cost:
    return conv_cost(in_channels, out_channels, 9, _strided(size, stride, stride))


def _pair(length: int) -> OpCost:
    def cost(in_channels: int, out_channels: int, stride: int, size: Size) -> Cost:
        row = conv_cost(in_channels, out_channels, length, _strided(size, 1, stride))
        column = conv_cost(out_channels, out_channels, length, _strided(size, stride, stride))
        return row + column

    return cost


OP_COSTS: dict[str, OpCost] = {
    "none": _none,
    "conv_1x1": _conv_1x1,
    "conv_3x3": _bottleneck(1, 4, _square),
    "sep_conv_3x3": _separable(3),
    "sep_conv_5x5": _separable(5),
    "sep_conv_7x7": _separable(7),
    "avg_pool_2x2": _pool,
    "avg_pool_3x3": _pool,
    "min_pool_2x2": _pool,
    "max_pool_2x2": _pool,
    "max_pool_3x3": _pool,
    "dil_sep_conv_3x3": _separable(3),
    "dil_sep_conv_5x5": _separable(5),
    "dil_sep_conv_7x7": _separable(7),
    "conv_1x3_3x1": _bottleneck(3, 8, _pair(3)),
    "conv_1x7_7x1": _bottleneck(1, 4, _pair(7)),
    "dil_2_conv_3x3": _bottleneck(1, 4, _square),
    "dil_4_conv_3x3": _bottleneck(1, 4, _square),
    "dil_6_conv_3x3": _bottleneck(1, 4, _square),
}
