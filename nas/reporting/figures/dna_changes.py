"""What differs between the DNA of a parent and that of its child (see `nas.search_spaces.dna_graph`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from nas.search_spaces.dna_graph import Dna, Edge

_CONV_NUMBERS = ("depth_factor", "filter_half_height", "filter_half_width", "stride_scale")
_RANKS = ("depth_precedence", "scale_precedence")

Skip = tuple[int, int]  # source and target


@dataclass(frozen=True, slots=True)
class Altered:
    """A number or word of a vertex, or of the edge of the backbone that leads to it.

    Attributes:
        vertex: of the child.
        name: "type", "convolution" (there or not) or a field of `Conv` or `Edge`.
        old, new: the parent's and the child's.
    """

    vertex: int
    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class DnaChange:
    """
    Attributes:
        parent, child: what was compared.
        learning_rate: whether it is another one.
        inserted: vertices of the child that the parent has not.
        removed: vertices of the parent that the child has not.
        gaps: for each run of removed ones the child's vertex that follows.
        altered: of vertices that both have.
        skips: of the child that the parent has not, or has otherwise.
        lost_skips: of the parent that the child has not.
        fresh: whether the child has none of the parent's variables, so that it inherits nothing.
    """

    parent: Dna
    child: Dna
    learning_rate: bool
    inserted: tuple[int, ...]
    removed: tuple[int, ...]
    gaps: tuple[int, ...]
    altered: tuple[Altered, ...]
    skips: tuple[Skip, ...]
    lost_skips: tuple[Skip, ...]
    fresh: bool

    @property
    def same(self) -> bool:
        """Whether it is the same network, trained in the same way."""
        return not (
            self.learning_rate or self.inserted or self.removed or self.altered or self.skips or self.lost_skips
        )


def dna_change(parent: Dna, child: Dna) -> DnaChange:
    """Compares vertices that have the same id; in a child without any of them, those alike in order."""
    fresh = set(parent.ids()).isdisjoint(child.ids())
    of_child = _ends(parent, child) | (_alike_in_order(parent, child) if fresh else _with_equal_ids(parent, child))
    of_parent = {old: new for new, old in of_child.items()}
    removed = tuple(vertex for vertex in range(len(parent.vertices)) if vertex not in of_parent)
    old_skips = {(edge.source, edge.target): edge for edge in parent.edges if edge.is_skip}
    skips = {(edge.source, edge.target): edge for edge in child.edges if edge.is_skip}
    kept = {
        (of_parent[source], of_parent[target]): edge
        for (source, target), edge in old_skips.items()
        if source in of_parent and target in of_parent
    }
    return DnaChange(
        parent=parent,
        child=child,
        learning_rate=parent.learning_rate != child.learning_rate,
        inserted=tuple(vertex for vertex in range(len(child.vertices)) if vertex not in of_child),
        removed=removed,
        gaps=tuple(sorted({_following(vertex, of_parent) for vertex in removed})),
        altered=tuple(_altered(parent, child, of_child)),
        skips=tuple(place for place, edge in skips.items() if place not in kept or not _alike(edge, kept[place])),
        lost_skips=tuple(
            (source, target)
            for source, target in old_skips
            if (of_parent.get(source), of_parent.get(target)) not in skips
        ),
        fresh=fresh,
    )


def _ends(parent: Dna, child: Dna) -> dict[int, int]:
    """Input and output are the parent's, whatever their ids."""
    return {0: 0, len(child.vertices) - 1: len(parent.vertices) - 1}


def _with_equal_ids(parent: Dna, child: Dna) -> dict[int, int]:
    """For inner vertices of the child those of the parent."""
    at = {vertex.id: place for place, vertex in enumerate(parent.vertices[1:-1], start=1)}
    return {place: at[vertex.id] for place, vertex in enumerate(child.vertices[1:-1], start=1) if vertex.id in at}


def _alike_in_order(parent: Dna, child: Dna) -> dict[int, int]:
    """The longest common runs of inner vertices; runs of the same length that differ are pairs, too."""
    found: dict[int, int] = {}
    matcher = SequenceMatcher(None, _kinds(parent), _kinds(child), autojunk=False)
    for _, low, high, child_low, child_high in matcher.get_opcodes():
        if high - low == child_high - child_low:
            found.update(zip(range(child_low + 1, child_high + 1), range(low + 1, high + 1), strict=True))
    return found


def _kinds(dna: Dna) -> list[tuple[Any, ...]]:
    edges = dna.in_edges()
    return [(dna.vertices[place].type, edges[place][-1].conv) for place in range(1, len(dna.vertices) - 1)]


def _following(vertex: int, of_parent: Mapping[int, int]) -> int:
    """The child's vertex that comes next after one of the parent's that is gone."""
    while vertex not in of_parent:
        vertex += 1
    return of_parent[vertex]


def _altered(parent: Dna, child: Dna, of_child: Mapping[int, int]) -> Iterator[Altered]:
    old_edges, edges = parent.in_edges(), child.in_edges()
    for vertex, old in sorted(of_child.items()):
        pairs: dict[str, tuple[Any, Any]] = {"type": (parent.vertices[old].type, child.vertices[vertex].type)}
        if vertex:
            pairs |= _edge_numbers(old_edges[old][-1], edges[vertex][-1])
        for name, (before, after) in pairs.items():
            if before != after:
                yield Altered(vertex, name, before, after)


def _edge_numbers(old: Edge, new: Edge) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in _RANKS}
    if old.conv is None or new.conv is None:
        return pairs | {"convolution": (old.conv, new.conv)}
    return pairs | {name: (getattr(old.conv, name), getattr(new.conv, name)) for name in _CONV_NUMBERS}


def _alike(edge: Edge, other: Edge) -> bool:
    return (edge.conv, *(getattr(edge, name) for name in _RANKS)) == (
        other.conv,
        *(getattr(other, name) for name in _RANKS),
    )
