"""The network that a search builds from a genome, as far as its journal tells: which blocks, of which shape and cost.

Settings are plain values of the journal's identity; which class a name stands for is `nas.recorded_network`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.data.dataset import ImageShape
from nas.errors import UserError
from nas.recorded_network import network_spec
from nas.reporting.figures.cells import is_cells
from nas.reporting.figures.image_shape import image_shape, num_classes
from nas.search_spaces.cost import Block, Cost, total_cost


@dataclass(frozen=True, slots=True)
class Network:
    """
    Attributes:
        space: "cells", "dna" or "nasbench201".
        blocks: from the stem to the classifier.
        image_shape: channels, height, width.
        num_classes: None where it is not known; then there is no classifier among the blocks.
        one_type: whether reductions are normal cells of stride 2.
        auxiliary: whether a second classifier is trained along, which is not counted.
    """

    space: str
    blocks: tuple[Block, ...]
    image_shape: ImageShape
    num_classes: int | None
    one_type: bool
    auxiliary: bool

    @property
    def cost(self) -> Cost:
        """Of all blocks."""
        return total_cost(self.blocks)


def network_of(identity: Mapping[str, Any], genome: Any) -> Network | None:
    """The network of a genome in JSON form; None where the search built none, or one that is not ours."""
    evaluator = identity.get("evaluator")
    settings = evaluator.get("network") if isinstance(evaluator, Mapping) else None
    shape, classes = image_shape(identity), num_classes(identity)
    if not isinstance(settings, Mapping) or shape is None:
        return None
    try:
        spec = network_spec(settings)
        if not hasattr(spec, "blocks"):
            return None
        architecture = _architecture(genome)
        blocks = tuple(spec.blocks(architecture, shape, classes))
    except (UserError, OverflowError):  # another space's genome, or a network of more weights than a float holds
        return None
    one_type = isinstance(architecture, Mapping) and "reduction" not in architecture
    return Network(spec.name, blocks, shape, classes, one_type, getattr(spec, "auxiliary_head", False))


def _architecture(genome: Any) -> Any:
    """What a network is built from: a genome of cells says only what is combined."""
    if not is_cells(genome):
        return genome
    return {name: cell if isinstance(cell, Mapping) else {"combinations": cell} for name, cell in genome.items()}
