"""A network layer by layer: what each puts out, its parameters and multiply-adds, and what they are the sum of.

Rows are cells (with their ops as parts), residual blocks, or the layers of a DNA as its drawing has them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.reporting.figures.cells import state_name
from nas.reporting.figures.dna import dna_layers, read_dna
from nas.reporting.figures.nasbench201 import node_name
from nas.reporting.figures.network import Network
from nas.reporting.figures.stack import Shape, block_name
from nas.search_spaces.cost import NOTHING, Cost, Layer, total_cost
from nas.search_spaces.dna_graph import Edge

COUNTED = ("parameters", "multiply_adds")


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        name: of the layer.
        details: in short.
        shape: channels, height, width of what it puts out.
        cost: of all its parts.
        parts: ops and the like, without further parts.
        built: False for a cell that nothing reads.
    """

    name: str
    details: str
    shape: Shape
    cost: Cost
    parts: Sequence["Row"] = ()
    built: bool = True


@dataclass(frozen=True, slots=True)
class LayerTable:
    """
    Attributes:
        rows: from the image to the classifier.
        total: of all of them.
        most: the largest of each.
        differing: (what, the table's, the journal's) where the journal has another number.
        has_classifier: False where the number of classes is not known.
    """

    rows: Sequence[Row]
    total: Cost
    most: Cost
    differing: Sequence[tuple[str, int, Any]]
    has_classifier: bool


def layer_table(network: Network, genome: Any, metrics: Mapping[str, Any]) -> LayerTable:
    """The table of a network.

    Args:
        network: that of the genome.
        genome: in JSON form.
        metrics: what the journal has of the individual.
    """
    rows = list(_dna_rows(network, genome) if network.space == "dna" else _rows(network))
    total, has_classifier = network.cost, network.num_classes is not None
    differing = [
        (key, getattr(total, key), metrics[key])
        for key in COUNTED
        if has_classifier and key in metrics and metrics[key] != getattr(total, key)
    ]
    most = Cost(*(max(column) for column in zip(*(row.cost for row in rows), strict=True)))
    return LayerTable(rows, total, most, differing, has_classifier)


def _rows(network: Network) -> Iterator[Row]:
    cell = 0
    for block in network.blocks:
        is_cell = block.kind in ("normal", "reduction", "cell")
        cell += is_cell
        name = f"{cell} · {block_name(block, network)}" if is_cell else block_name(block, network)
        details = ""
        if block.kind in ("normal", "reduction"):
            details = f"F {block.layers[0].shape[0]}" if block.layers else "not built: nothing reads it"
        if block.kind == "classifier":
            details = "global average pool, linear"
        parts = [_part(layer, network.space) for layer in block.layers] if len(block.layers) > 1 else []
        yield Row(name, details, block.shape, block.cost, parts, bool(block.layers))


def _part(layer: Layer, space: str) -> Row:
    """A layer of a block, and what it reads and makes."""
    where = ""
    if space == "cells" and layer.reads is not None:
        end = "" if layer.makes == layer.reads else f" → {'output' if layer.makes is None else layer.makes}"
        where = f"{state_name(layer.reads)}{end}"
    elif layer.reads is not None and layer.makes is not None:
        where = f"{node_name(layer.reads)} → {node_name(layer.makes)}"
    return Row(layer.what, where, layer.shape, layer.cost)


def _dna_rows(network: Network, genome: Any) -> Iterator[Row]:
    """A row for each layer of the drawing, with the blocks of its vertices."""
    dna = read_dna(genome)
    assert dna is not None  # a network was made from it
    drawn, in_edges = dna_layers(dna, network.image_shape), dna.in_edges()
    vertices = [block for block in network.blocks if block.kind == "vertex"]
    for place, layer in enumerate(drawn.layers[:-2]):
        members = [vertex for vertex, at in enumerate(drawn.layer_of) if at == place]
        label = "sum" if layer.kind == "sum" else layer.label
        edges = [edge for vertex in members for edge in in_edges[vertex]]
        blocks = [vertices[vertex] for vertex in members]
        yield Row(f"{place} · {label}", _convolutions(edges), blocks[-1].shape, total_cost(blocks))
    pool, output = drawn.layers[-2:]
    channels, *_ = vertices[-1].shape
    yield Row(f"{len(drawn.layers) - 2} · {pool.label}", "", (channels, 1, 1), NOTHING)
    for block in network.blocks[len(vertices) :]:
        yield Row(f"{len(drawn.layers) - 1} · {output.label}", "linear", block.shape, block.cost)


def _convolutions(edges: Sequence[Edge]) -> str:
    convs = [edge.conv for edge in edges if edge.conv is not None]
    return " + ".join(
        f"{conv.kernel[0]}×{conv.kernel[1]}" + (f", stride {conv.stride}" if conv.stride > 1 else "") for conv in convs
    )
