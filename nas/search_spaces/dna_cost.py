"""Parameters and multiply-adds of a DNA's network in closed form, without building it.

Counted like those of cells (`nas.search_spaces.cell_cost`): filters, batch norms (scale and shift) and the classifier;
multiply-adds of convolutions and the classifier, padding included; activations of all of them.
"""

from math import prod

from nas.search_spaces.cell_cost import NOTHING, Cost
from nas.search_spaces.dna_shapes import PlannedVertex


def dna_cost(plan: list[PlannedVertex], num_classes: int) -> Cost:
    """The cost of the network that `plan` describes, equal to the built module's to the integer."""
    total = NOTHING
    for planned in plan:
        for edge in planned.in_edges:
            if edge.conv is not None:
                rows, columns = edge.conv.kernel
                weights = edge.conv.in_channels * edge.conv.out_channels * rows * columns
                total += Cost(weights, weights * edge.shape.height * edge.shape.width, prod(edge.shape))
        if planned.vertex.type == "bn_relu":
            total += Cost(2 * planned.shape.channels, 0, prod(planned.shape))
    weights = plan[-1].shape.channels * num_classes
    return total + Cost(weights + num_classes, weights, num_classes)
