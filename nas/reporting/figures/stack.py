"""The outer stack of a network of cells: which blocks lie on each other, how often, with how many filters.

As figure 2 of NASNet (arXiv 1707.07012) draws it, with the input below.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from nas.reporting.figures.network import Network
from nas.search_spaces.cost import Block

Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class StackBox:
    """Equal blocks that follow each other.

    Attributes:
        kind: that of the blocks, or "image", "pool".
        label: what they are.
        times: how many there are.
        filters: of their convolutions, where that is not what they put out.
        shape: channels, height, width of what they put out; None for the classifier.
        strided: whether they make the map smaller.
        built: False if nothing reads what they would put out.
    """

    kind: str
    label: str
    times: int
    filters: int | None
    shape: Shape | None
    strided: bool
    built: bool


@dataclass(frozen=True, slots=True)
class StackFigure:
    """
    Attributes:
        boxes: from the image to the classifier, or to the last cell where the number of classes is not known.
        notes: sentences on what the boxes do not show.
    """

    boxes: tuple[StackBox, ...]
    notes: tuple[str, ...]


def stack_figure(network: Network) -> StackFigure | None:
    """None for DNA, which is drawn whole."""
    if network.space == "dna":
        return None
    return StackFigure(tuple(_boxes(network)), tuple(_notes(network)))


def block_name(block: Block, network: Network) -> str:
    """What a block is, in words."""
    if block.kind == "reduction" and network.one_type:
        return "cell, stride 2"
    if block.kind == "normal" and network.one_type:
        return "cell"
    return {
        "stem": "3×3 convolution",
        "normal": "normal cell",
        "reduction": "reduction cell",
        "residual": "residual block",
        "norm": "batch norm",
    }.get(block.kind, block.kind)


def _boxes(network: Network) -> Iterator[StackBox]:
    below: Shape = network.image_shape
    yield StackBox("image", "image", 1, None, below, False, True)
    for _, equal in groupby(network.blocks, lambda block: (block.kind, block.shape, bool(block.layers))):
        group = list(equal)
        block = group[0]
        if block.kind == "classifier":
            yield StackBox("pool", "global average pool", 1, None, (below[0], 1, 1), False, True)
            yield StackBox("classifier", f"{network.num_classes} classes", 1, None, None, False, True)
            return
        label = block_name(block, network)
        filters = block.layers[0].shape[0] if block.kind in ("normal", "reduction") and block.layers else None
        strided = block.shape[1:] != below[1:]
        yield StackBox(block.kind, label, len(group), filters, block.shape, strided, bool(block.layers))
        below = block.shape


def _notes(network: Network) -> Iterator[str]:
    if network.space == "cells":
        yield "F: filters of a cell's convolutions. Every cell reads the outputs of the two before it."
    if network.auxiliary:
        yield "In training a second classifier reads the last cell before the second reduction; it is not counted."
    if network.num_classes is None:
        yield "The journal does not say how many classes there are, so pool and classifier are left out."
