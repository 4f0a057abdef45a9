"""Parameters and multiply-adds of a DNA's network in closed form, without building it.

Counted like those of cells (`nas.search_spaces.cell_cost`): filters, batch norms (scale and shift) and the classifier;
multiply-adds of convolutions and the classifier, padding included; activations of all of them.
"""

from collections.abc import Iterator, Sequence
from math import prod

from nas.search_spaces.cost import Block, Cost, Layer, classifier, total_cost
from nas.search_spaces.dna_shapes import PlannedVertex


def dna_cost(plan: Sequence[PlannedVertex], num_classes: int) -> Cost:
    """The cost of the network that `plan` describes, equal to the built module's to the integer."""
    return total_cost(dna_blocks(plan, num_classes))


def dna_blocks(plan: Sequence[PlannedVertex], num_classes: int | None) -> Iterator[Block]:
    """Every vertex with the convolutions that lead to it and its batch norm, and the classifier unless `num_classes` is
    None."""
    for position, planned in enumerate(plan):
        yield Block("vertex", planned.shape, tuple(_layers(position, planned)))
    if num_classes is not None:
        yield classifier(plan[-1].shape.channels, num_classes)


def _layers(position: int, planned: PlannedVertex) -> Iterator[Layer]:
    for edge in planned.in_edges:
        if edge.conv is not None:
            rows, columns = edge.conv.kernel
            weights = edge.conv.in_channels * edge.conv.out_channels * rows * columns
            cost = Cost(weights, weights * edge.shape.height * edge.shape.width, prod(edge.shape))
            yield Layer("conv", edge.source, position, edge.shape, cost)
    if planned.vertex.type == "bn_relu":
        cost = Cost(2 * planned.shape.channels, 0, prod(planned.shape))
        yield Layer("norm", position, position, planned.shape, cost)
