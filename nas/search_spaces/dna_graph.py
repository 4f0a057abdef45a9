"""The DNA of a free-form network: a learning rate and a graph of vertices and edges.

Source: Real et al. 2017 (arXiv 1703.01041), section 3.2 and supplement S1. A vertex is an activation, an edge a
convolution or an identity. The convolutional backbone runs through all vertices, from the input to the output, which is
pooled and classified; skips join further pairs of them.

Differs from the paper: vertices have positions along the backbone instead of names, so that graphs compare equal
whatever their history, and "acyclic" is "from a lower to a higher position".
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from nas.errors import UserError

VertexType = Literal["linear", "bn_relu"]
VERTEX_TYPES: tuple[VertexType, ...] = get_args(VertexType)
BACKBONE_PRECEDENCE, SKIP_PRECEDENCE = 1, 0
MAX_STRIDE_SCALE = 30  # larger than any image: one pixel is left long before


@dataclass(frozen=True, slots=True)
class Vertex:
    """An activation.

    Attributes:
        type: "linear": the sum of the in-edges; "bn_relu": that, normalised over the batch and rectified.
        id: of the batch norm's variables; takes no part in comparisons.
        inputs_mutable, outputs_mutable: whether mutations may change its in-edges, its out-edges.
        properties_mutable: whether they may change its type or, through the edge that gives it its shape, its shape.
    """

    type: VertexType
    id: str = field(compare=False)
    inputs_mutable: bool = True
    outputs_mutable: bool = True
    properties_mutable: bool = True


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution without a bias. Its numbers are kept as drawn and rounded on use, so that small changes add up.

    Attributes:
        depth_factor: output channels per input channel.
        filter_half_height, filter_half_width: the filter has 2 h + 1 rows and 2 w + 1 columns.
        stride_scale: the stride is 2 to this power.
        id: of the filters; takes no part in comparisons.
    """

    depth_factor: float
    filter_half_height: float
    filter_half_width: float
    stride_scale: float
    id: str = field(compare=False)

    def out_channels(self, in_channels: int) -> int:
        return max(1, rounded(self.depth_factor * in_channels))

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the filter."""
        return 2 * rounded(self.filter_half_height) + 1, 2 * rounded(self.filter_half_width) + 1

    @property
    def stride(self) -> int:
        return 1 << min(rounded(self.stride_scale), MAX_STRIDE_SCALE)


@dataclass(frozen=True, slots=True)
class Edge:
    """Leads from one vertex to another: a convolution, or an identity where `conv` is None.

    Attributes:
        source, target: positions of vertices; an edge between neighbours belongs to the backbone, others are skips.
        conv: what it computes.
        depth_precedence, scale_precedence: among a vertex's in-edges the one with the highest gives it its channels,
            its height and width; the others are brought to that shape.
    """

    source: int
    target: int
    conv: Conv | None = None
    depth_precedence: int = BACKBONE_PRECEDENCE
    scale_precedence: int = BACKBONE_PRECEDENCE

    @property
    def is_skip(self) -> bool:
        return self.source + 1 < self.target


@dataclass(frozen=True, slots=True)
class Dna:
    """What a network is made from and how fast it learns.

    Attributes:
        learning_rate: constant over a training.
        vertices: in the order of the backbone; the first is the input, the last the output.
        edges: ordered by target, then source, so that a vertex's in-edges end with that of the backbone.
        classifier_id: of the classifier's variables; takes no part in comparisons.
    """

    learning_rate: float
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    classifier_id: str = field(compare=False)

    def in_edges(self) -> list[list[Edge]]:
        """Per vertex, the edges that lead into it; the backbone's is the last."""
        found: list[list[Edge]] = [[] for _ in self.vertices]
        for edge in self.edges:
            found[edge.target].append(edge)
        return found

    def ids(self) -> Iterator[str]:
        """Of all variables: batch norms (those of linear vertices wait), filters, classifier."""
        yield from (vertex.id for vertex in self.vertices)
        yield from (edge.conv.id for edge in self.edges if edge.conv is not None)
        yield self.classifier_id


def seed_dna(learning_rate: float, input_id: str, output_id: str, classifier_id: str) -> Dna:
    """Input -> global pool -> classifier: no hidden layer (section 3.3)."""
    ends = (
        Vertex("linear", input_id, inputs_mutable=False, properties_mutable=False),
        Vertex("linear", output_id, outputs_mutable=False, properties_mutable=False),
    )
    return Dna(learning_rate, ends, (Edge(0, 1),), classifier_id)


def rounded(value: float) -> int:
    """To the nearest whole number; halves go up."""
    return math.floor(value + 0.5)


def validate_dna(dna: Dna) -> None:
    """Checks that the graph is one that mutations can make.

    Raises:
        UserError: a number is out of range, the graph has a cycle or is not joined by one backbone, or an id is twice.
    """
    _check_number("learning_rate", dna.learning_rate, above_zero=True)
    if len(dna.vertices) < 2:
        raise UserError(f"a DNA has {len(dna.vertices)} vertices, it needs at least an input and an output")
    for position, vertex in enumerate(dna.vertices):
        if vertex.type not in VERTEX_TYPES:
            raise UserError(f"vertex {position} is {vertex.type!r}, allowed are {', '.join(VERTEX_TYPES)}")
    places = [(edge.target, edge.source) for edge in dna.edges]
    if places != sorted(set(places)):
        raise UserError("the edges of a DNA must be ordered by target and source, no two between the same vertices")
    for edge in dna.edges:
        _check_edge(edge, len(dna.vertices))
    for position, edges in enumerate(dna.in_edges()):
        _check_in_edges(position, edges)
    ids = list(dna.ids())
    if len(set(ids)) != len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise UserError(f"the variable id {twice!r} is used twice in a DNA")


def _check_edge(edge: Edge, num_vertices: int) -> None:
    if not 0 <= edge.source < edge.target < num_vertices:
        raise UserError(
            f"an edge leads from vertex {edge.source} to {edge.target}, it must lead to a later one of 0 to "
            f"{num_vertices - 1}, or the graph would have a cycle"
        )
    if edge.conv is not None:
        _check_number("depth_factor", edge.conv.depth_factor, above_zero=True)
        for name in ("filter_half_height", "filter_half_width", "stride_scale"):
            _check_number(name, getattr(edge.conv, name), above_zero=False)


def _check_in_edges(position: int, edges: list[Edge]) -> None:
    if position == 0:
        return  # no edge leads to a later position than its own, so none leads here
    if not edges or edges[-1].is_skip:
        raise UserError(f"no edge of the backbone leads from vertex {position - 1} to {position}")
    backbone = edges[-1]
    for skip in edges[:-1]:
        if skip.depth_precedence >= backbone.depth_precedence or skip.scale_precedence >= backbone.scale_precedence:
            raise UserError(f"the skip from vertex {skip.source} to {position} must not outrank the backbone's edge")


def _check_number(name: str, value: float, *, above_zero: bool) -> None:
    if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
        raise UserError(f"{name} is {value!r} in a DNA, it must be {'above' if above_zero else 'at least'} 0")
