"""What a DNA becomes on images of one size: the shape of every vertex and what each edge does there.

Source: Real et al. 2017 (arXiv 1703.01041), section 3.2. Differs from the paper: sizes need not be powers of two; a
stride rounds up, as SAME padding does.
"""

from typing import NamedTuple

from nas.search_spaces.dna_graph import Conv, Dna, Edge, Vertex


class Shape(NamedTuple):
    """Of an activation."""

    channels: int
    height: int
    width: int


class PlannedConv(NamedTuple):
    """A convolution with whole numbers.

    Attributes:
        id: of its filters.
        in_channels, out_channels: of its filters.
        kernel: rows and columns.
        stride: in both directions.
    """

    id: str
    in_channels: int
    out_channels: int
    kernel: tuple[int, int]
    stride: int


class PlannedEdge(NamedTuple):
    """An in-edge.

    Attributes:
        source: the vertex it reads.
        conv: what it computes, None for an identity.
        shape: what it gives, before it is brought to its vertex's shape.
    """

    source: int
    conv: PlannedConv | None
    shape: Shape


class PlannedVertex(NamedTuple):
    """A vertex with its shape and its in-edges, the backbone's last; the input has none."""

    vertex: Vertex
    shape: Shape
    in_edges: tuple[PlannedEdge, ...]


def plan_dna(dna: Dna, image_shape: tuple[int, int, int]) -> list[PlannedVertex]:
    """All vertices in the order of the backbone.

    Args:
        dna: a valid one.
        image_shape: channels, height, width.
    """
    plan: list[PlannedVertex] = []
    for vertex, edges in zip(dna.vertices, dna.in_edges(), strict=True):
        if not edges:
            plan.append(PlannedVertex(vertex, Shape(*image_shape), ()))
            continue
        planned = [_plan_edge(edge, plan[edge.source].shape) for edge in edges]
        of_depth = max(range(len(edges)), key=lambda index: edges[index].depth_precedence)
        of_scale = max(range(len(edges)), key=lambda index: edges[index].scale_precedence)
        _, height, width = planned[of_scale].shape
        shape = Shape(planned[of_depth].shape.channels, height, width)
        plan.append(PlannedVertex(vertex, shape, tuple(planned)))
    return plan


def _plan_edge(edge: Edge, shape: Shape) -> PlannedEdge:
    if edge.conv is None:
        return PlannedEdge(edge.source, None, shape)
    conv = _plan_conv(edge.conv, shape.channels)
    height, width = -(-shape.height // conv.stride), -(-shape.width // conv.stride)
    return PlannedEdge(edge.source, conv, Shape(conv.out_channels, height, width))


def _plan_conv(conv: Conv, in_channels: int) -> PlannedConv:
    return PlannedConv(conv.id, in_channels, conv.out_channels(in_channels), conv.kernel, conv.stride)
