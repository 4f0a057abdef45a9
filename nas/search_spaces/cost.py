"""What a network costs, and the layers that are counted.

Every kind of network tells its blocks in one walk; its cost is their sum, and a table of its layers has the same ones.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Cost(NamedTuple):
    """What a network costs.

    Attributes:
        parameters: trainable ones.
        multiply_adds: of one forward pass of one image.
        activations: numbers that convolutions, batch norms and the classifier put out in it; 0 where it is not known.
    """

    parameters: int
    multiply_adds: int
    activations: int = 0

    def __add__(self, other: object) -> "Cost":
        assert isinstance(other, Cost)
        return Cost(
            self.parameters + other.parameters,
            self.multiply_adds + other.multiply_adds,
            self.activations + other.activations,
        )


NOTHING = Cost(0, 0)


class Layer(NamedTuple):
    """What is counted at once, such as an op with all its convolutions and batch norms.

    Attributes:
        what: the op's name, or what it is beside the ops: "projection", "joint", "norm", "shortcut", ...
        reads: the state, node or vertex that it reads; None where there is but one.
        makes: the one that it is a term of.
        shape: channels, height, width of what it puts out.
        cost: of it alone.
    """

    what: str
    reads: int | None
    makes: int | None
    shape: tuple[int, int, int]
    cost: Cost


class Block(NamedTuple):
    """Layers that belong together.

    Attributes:
        kind: "stem", "classifier"; "normal", "reduction" (cells of the NASNet space); "cell", "residual", "norm"
            (NAS-Bench-201); "vertex" (DNA).
        shape: channels, height, width of what it puts out.
        layers: none where nothing of it is built.
    """

    kind: str
    shape: tuple[int, int, int]
    layers: tuple[Layer, ...]

    @property
    def cost(self) -> Cost:
        """Of all its layers."""
        return total_cost([self])


def total_cost(blocks: Iterable[Block]) -> Cost:
    """The sum over all layers."""
    parameters = multiply_adds = activations = 0
    for block in blocks:
        for layer in block.layers:
            cost = layer.cost
            parameters += cost.parameters
            multiply_adds += cost.multiply_adds
            activations += cost.activations
    return Cost(parameters, multiply_adds, activations)


def classifier(channels: int, num_classes: int) -> Block:
    """Global average pool and a linear layer with biases."""
    weights, shape = channels * num_classes, (num_classes, 1, 1)
    cost = Cost(weights + num_classes, weights, num_classes)
    return Block("classifier", shape, (Layer("classifier", None, None, shape, cost),))
