"""The eleven mutations of Large-Scale Evolution (Real et al. 2017, arXiv 1703.01041, section 3.2 and supplement S1).

Each is an operator: called with a DNA and a source of randomness it gives the mutated DNA and the details for the
journal, or raises `NotApplicable`. A mutation of one's own is any such callable that has an `identity`: a frozen
dataclass is enough.

What the paper leaves open is said at each operator: which range is meant, and what becomes of skips.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from nas.errors import UserError
from nas.search_spaces.dna_edits import inserted, new_id, removed, renewed, with_skip
from nas.search_spaces.dna_graph import VERTEX_TYPES, Conv, Dna, Edge, Vertex

Details = Mapping[str, Any]
Mutated = tuple[Dna, Details]


class NotApplicable(Exception):
    """There is nothing in this DNA that the mutation could change."""


class DnaMutation(Protocol):
    """An operator."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        """The mutated DNA, and what was changed as plain data.

        Raises:
            NotApplicable: it cannot be applied.
        """


@dataclass(frozen=True, kw_only=True)
class _ByFactor:
    """Draws a new value between 1 / factor and factor times the old one."""

    factor: float

    def __post_init__(self) -> None:
        if isinstance(self.factor, bool) or not isinstance(self.factor, int | float) or not self.factor >= 1:
            raise UserError(f"factor is {self.factor!r} in search_space.mutations, it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class AlterLearningRate(_ByFactor):
    """Multiplies the learning rate by a factor that is uniform in its logarithm, within [1 / factor, factor]."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        learning_rate = dna.learning_rate * self.factor ** rng.uniform(-1, 1)
        return replace(dna, learning_rate=learning_rate), {"from": dna.learning_rate, "to": learning_rate}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Changes nothing: the child goes on training its parent's weights."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        return dna, {}


@dataclass(frozen=True, kw_only=True)
class ResetWeights:
    """The same network with fresh weights: all variables get new ids, so nothing is inherited."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        return renewed(dna, rng), {}


@dataclass(frozen=True, kw_only=True)
class InsertConvolution:
    """Puts a convolution and its vertex into a uniformly drawn edge of the backbone.

    It keeps the number of channels, its stride is 1 or 2, and its vertex is of either type, with equal chances. The
    convolution comes first: the edge that was there leads on from the new vertex.

    Attributes:
        filter_half_size: 1 for 3x3 filters.
        max_stride_scale: 1 for strides of 1 and 2.
    """

    filter_half_size: float
    max_stride_scale: int

    def __post_init__(self) -> None:
        if type(self.max_stride_scale) is not int or self.max_stride_scale < 0:
            raise UserError(
                f"search_space.mutations.insert_convolution.max_stride_scale is {self.max_stride_scale!r}, "
                "it must be a whole number of at least 0"
            )
        if self.filter_half_size < 0:
            raise UserError(
                f"search_space.mutations.insert_convolution.filter_half_size is {self.filter_half_size!r}, "
                "it must be at least 0"
            )

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        position = _insertion(dna, rng)
        half, scale = float(self.filter_half_size), float(rng.randint(0, self.max_stride_scale))
        conv = Conv(1.0, half, half, scale, new_id(rng))
        vertex = Vertex(rng.choice(VERTEX_TYPES), new_id(rng))
        details = {"vertex": position, "type": vertex.type, "stride": conv.stride}
        return inserted(dna, position, vertex, conv), details


@dataclass(frozen=True, kw_only=True)
class RemoveConvolution:
    """Takes out a uniformly drawn vertex that a convolution of the backbone leads to, together with that convolution.

    Its out-edge of the backbone leads on from the vertex before. Skips from and to the vertex go with it.
    """

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        edge = _backbone_conv(dna, rng, removable=True)
        conv = edge.conv
        assert conv is not None
        details = {"vertex": edge.target, "kernel": list(conv.kernel), "stride": conv.stride}
        return removed(dna, edge.target), details


@dataclass(frozen=True, kw_only=True)
class AlterStride:
    """Draws a convolution's stride anew: its logarithm to base 2 is uniform around the old one, at least 0.

    Attributes:
        range: how far in either direction; 1 halves or doubles at most. The paper only says that a stride stays a power
            of two and that a new value lies around the old one.
    """

    range: float

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        edge = _backbone_conv(dna, rng)
        assert edge.conv is not None
        old = edge.conv.stride_scale
        new = rng.uniform(max(0.0, old - self.range), old + self.range)
        return _altered(dna, edge, replace(edge.conv, stride_scale=new), {"from": old, "to": new})


@dataclass(frozen=True, kw_only=True)
class AlterNumberOfChannels(_ByFactor):
    """Draws the number of a convolution's output channels anew, uniform between 1 / factor and factor times the old."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        edge = _backbone_conv(dna, rng)
        assert edge.conv is not None
        old = edge.conv.depth_factor
        new = rng.uniform(old / self.factor, old * self.factor)
        return _altered(dna, edge, replace(edge.conv, depth_factor=new), {"from": old, "to": new})


@dataclass(frozen=True, kw_only=True)
class FilterSize(_ByFactor):
    """Draws the height or the width of a convolution's filters anew; sizes stay odd.

    The rule of the channels is applied to the half size, which the DNA keeps; the paper does not name the variable.
    """

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        edge = _backbone_conv(dna, rng)
        assert edge.conv is not None
        side = rng.choice(("height", "width"))
        old = edge.conv.filter_half_height if side == "height" else edge.conv.filter_half_width
        new = rng.uniform(old / self.factor, old * self.factor)
        if side == "height":
            conv = replace(edge.conv, filter_half_height=new)
        else:
            conv = replace(edge.conv, filter_half_width=new)
        return _altered(dna, edge, conv, {"side": side, "from": old, "to": new})


@dataclass(frozen=True, kw_only=True)
class InsertOneToOne:
    """Puts an identity and its vertex, of either type, into a uniformly drawn edge of the backbone."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        position = _insertion(dna, rng)
        vertex = Vertex(rng.choice(VERTEX_TYPES), new_id(rng))
        return inserted(dna, position, vertex, None), {"vertex": position, "type": vertex.type}


@dataclass(frozen=True, kw_only=True)
class AddSkip:
    """Joins two vertices of the convolutional backbone by an identity.

    Targets are tried in random order, for each its sources in random order; the first pair without an edge is taken.
    Input and output take no part, which is our reading of "convolutional backbone".
    """

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        vertices = dna.vertices
        joined = {(edge.source, edge.target) for edge in dna.edges}
        targets = [at for at in range(2, len(vertices) - 1) if vertices[at].inputs_mutable]
        rng.shuffle(targets)
        for target in targets:
            sources = [at for at in range(1, target - 1) if vertices[at].outputs_mutable]
            rng.shuffle(sources)
            for source in sources:
                if (source, target) not in joined:
                    return with_skip(dna, source, target), {"source": source, "target": target}
        raise NotApplicable


@dataclass(frozen=True, kw_only=True)
class RemoveSkip:
    """Takes out a uniformly drawn skip."""

    def __call__(self, dna: Dna, rng: Random) -> Mutated:
        vertices = dna.vertices
        skips = [
            edge
            for edge in dna.edges
            if edge.is_skip and vertices[edge.source].outputs_mutable and vertices[edge.target].inputs_mutable
        ]
        if not skips:
            raise NotApplicable
        gone = rng.choice(skips)
        edges = tuple([edge for edge in dna.edges if edge is not gone])
        return replace(dna, edges=edges), {"source": gone.source, "target": gone.target}


def _insertion(dna: Dna, rng: Random) -> int:
    """The position that a new vertex takes in a drawn edge of the backbone."""
    vertices = dna.vertices
    places = [
        position
        for position in range(1, len(vertices))
        if vertices[position - 1].outputs_mutable and vertices[position].inputs_mutable
    ]
    if not places:
        raise NotApplicable
    return rng.choice(places)


def _backbone_conv(dna: Dna, rng: Random, *, removable: bool = False) -> Edge:
    """A drawn convolution of the backbone whose vertex may be changed, or taken out."""
    found = [
        edge for edge in dna.edges if edge.conv is not None and not edge.is_skip and _may_change(dna, edge, removable)
    ]
    if not found:
        raise NotApplicable
    return rng.choice(found)


def _may_change(dna: Dna, edge: Edge, removable: bool) -> bool:
    vertex = dna.vertices[edge.target]
    if not removable:
        return vertex.properties_mutable
    if edge.target + 1 == len(dna.vertices) or not vertex.properties_mutable:
        return False
    before, after = dna.vertices[edge.source], dna.vertices[edge.target + 1]
    return vertex.inputs_mutable and vertex.outputs_mutable and before.outputs_mutable and after.inputs_mutable


def _altered(dna: Dna, edge: Edge, conv: Conv, details: Details) -> Mutated:
    changed = Edge(edge.source, edge.target, conv, edge.depth_precedence, edge.scale_precedence)
    edges = tuple([changed if other is edge else other for other in dna.edges])
    return replace(dna, edges=edges), {"vertex": edge.target, **details}
