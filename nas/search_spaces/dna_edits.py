"""Changes of a DNA's graph that keep it valid; which are drawn is the business of `dna_mutations`."""

from dataclasses import replace
from random import Random

from nas.search_spaces.dna_graph import SKIP_PRECEDENCE, Conv, Dna, Edge, Vertex


def new_id(rng: Random) -> str:
    """An id that no other variable has, as far as 64 random bits can tell."""
    return f"{rng.getrandbits(64):016x}"


def renewed(dna: Dna, rng: Random) -> Dna:
    """The same graph with new ids for all variables."""
    return replace(
        dna,
        vertices=tuple([replace(vertex, id=new_id(rng)) for vertex in dna.vertices]),
        edges=tuple(
            [
                edge if edge.conv is None else replace(edge, conv=replace(edge.conv, id=new_id(rng)))
                for edge in dna.edges
            ]
        ),
        classifier_id=new_id(rng),
    )


def inserted(dna: Dna, position: int, vertex: Vertex, conv: Conv | None) -> Dna:
    """With a vertex at that position, reached by `conv` (or an identity); the edge that was there leads on from it."""
    vertices = (*dna.vertices[:position], vertex, *dna.vertices[position:])
    edges = [edge for edge in dna.edges if edge.target < position]
    edges.append(Edge(position - 1, position, conv))
    for edge in dna.edges:
        if edge.target >= position:
            on_backbone = not edge.is_skip and edge.target == position
            source = edge.source + (on_backbone or edge.source >= position)
            edges.append(_moved(edge, source, edge.target + 1))
    return Dna(dna.learning_rate, vertices, tuple(edges), dna.classifier_id)


def removed(dna: Dna, position: int) -> Dna:
    """Without the vertex there, the edge that leads to it, and its skips."""
    edges = []
    for edge in dna.edges:
        if edge.target < position:
            edges.append(edge)
        elif edge.target > position:
            leads_on = not edge.is_skip and edge.source == position
            if edge.source != position or leads_on:
                edges.append(_moved(edge, edge.source - (edge.source >= position), edge.target - 1))
    edges = _without_parallels(edges)
    vertices = (*dna.vertices[:position], *dna.vertices[position + 1 :])
    return Dna(dna.learning_rate, vertices, tuple(edges), dna.classifier_id)


def with_skip(dna: Dna, source: int, target: int) -> Dna:
    """With an identity between two vertices, which has the lower rank."""
    skip = Edge(source, target, None, SKIP_PRECEDENCE, SKIP_PRECEDENCE)
    edges = sorted([*dna.edges, skip], key=lambda edge: (edge.target, edge.source))
    return replace(dna, edges=tuple(edges))


def _without_parallels(edges: list[Edge]) -> list[Edge]:
    """A skip over the vertex that is gone now runs beside the backbone's edge, and goes too."""
    kept: list[Edge] = []
    for edge in edges:
        if kept and (kept[-1].source, kept[-1].target) == (edge.source, edge.target):
            kept.pop()
        kept.append(edge)
    return kept


def _moved(edge: Edge, source: int, target: int) -> Edge:
    return Edge(source, target, edge.conv, edge.depth_precedence, edge.scale_precedence)
