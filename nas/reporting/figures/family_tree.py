"""The family tree of a search: who descends from whom, over the order of telling.

An individual that has children is a level line from its birth to that of its last child; children without children of
their own are nodes on it, those with children begin a line of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nas.reporting.columns import NOBODY, Columns
from nas.reporting.figures.family import Family, nearest_drawn
from nas.reporting.figures.family_rows import family_rows
from nas.reporting.labels import mark_title
from nas.search.individual import Individual, State

Kind = Literal["alive", "dead", "failed", "pending"]
Place = tuple[float, int]  # evaluation and row
_KINDS: dict[State, Kind] = {State.FAILED: "failed", State.CANCELLED: "failed", State.PENDING: "pending"}


@dataclass(frozen=True, slots=True)
class Node:
    """An individual.

    Attributes:
        number: of the individual.
        born: its place in the order of telling, see `Family`.
        row: from 0.
        founder: whether it has no parent.
        kind: what became of it.
        ancestor: whether the best descends from it, or is it.
        title: what hovering shows.
    """

    number: int
    born: float
    row: int
    founder: bool
    kind: Kind
    ancestor: bool
    title: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A level or upright line.

    Attributes:
        start, end: evaluation and row.
        skips: whether generations between are not drawn.
        ancestor: whether it is on the way to the best.
    """

    start: Place
    end: Place
    skips: bool
    ancestor: bool


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """
    Attributes:
        nodes: by number.
        strokes: lines of the parents, and links between them.
        parents: of every node the number of its nearest drawn ancestor, `NOBODY` without one.
        rows: how many there are.
        told: evaluations.
        family: of all individuals, drawn or not.
        best: the fittest individual, None if none was told.
    """

    nodes: list[Node]
    strokes: list[Stroke]
    parents: list[int]
    rows: int
    told: int
    family: Family
    best: Individual | None

    @property
    def is_sample(self) -> bool:
        return len(self.nodes) < len(self.family.parent)


def family_tree(
    individuals: Sequence[Individual], columns: Columns, family: Family, line: Sequence[Individual], drawn: bytearray
) -> FamilyTree:
    """The tree of a journal, complete or not.

    Args:
        individuals: of the search.
        columns: of them.
        family: of them.
        line: the best one's ancestors and itself, the first ancestor first.
        drawn: for each individual whether it is; with each its first ancestor, see `drawn_nodes`.
    """
    numbers = [number for number, shown in enumerate(drawn) if shown]
    nearest = nearest_drawn(family.parent, drawn)
    parents = [nearest[number] for number in numbers]
    shape = _Shape(numbers, parents, family, columns.told)
    alive, lineage = columns.alive, [individual.number for individual in line]
    ancestors = frozenset(lineage)
    nodes = [
        Node(
            number=number,
            born=float(family.born[number]),
            row=shape.row[number],
            founder=not individuals[number].parents,
            kind=_KINDS.get(individuals[number].state) or ("alive" if alive[number] else "dead"),
            ancestor=number in ancestors,
            title=mark_title(individuals[number]),
        )
        for number in numbers
    ]
    return FamilyTree(
        nodes=nodes,
        strokes=[*shape.strokes(), *shape.line([number for number in lineage if drawn[number]])],
        parents=parents,
        rows=1 + max(shape.row.values(), default=-1),
        told=columns.told,
        family=family,
        best=line[-1] if line else None,
    )


class _Shape:
    """Where the drawn individuals lie."""

    def __init__(self, numbers: list[int], parents: list[int], family: Family, told: int) -> None:
        self.parent = dict(zip(numbers, parents, strict=True))
        self.born = {number: float(family.born[number]) for number in numbers}
        self.skips = {number for number in numbers if self.parent[number] != family.parent[number]}
        with_children = set(parents)
        self.branches = [
            number
            for number in numbers
            if number in with_children or self.parent[number] == NOBODY or number in self.skips
        ]
        self.end = dict(self.born)
        self.own_end = dict(self.born)
        for number, parent in self.parent.items():
            if parent != NOBODY:
                self.end[parent] = max(self.end[parent], self.born[number])
                if number not in self.skips:
                    self.own_end[parent] = max(self.own_end[parent], self.born[number])
        at = {number: index for index, number in enumerate(self.branches)}
        rows = family_rows(
            [at.get(self.parent[number], NOBODY) for number in self.branches],
            [(self.born[number] / (told + 1), self.end[number] / (told + 1)) for number in self.branches],
        )
        self.row = dict(zip(self.branches, rows, strict=True))
        for number, parent in self.parent.items():
            if number not in self.row:
                self.row[number] = self.row[parent]

    def strokes(self) -> list[Stroke]:
        """The lines of the parents, and the links from them to those of their children."""
        found = []
        for number in self.branches:
            born, row, parent = self.born[number], self.row[number], self.parent[number]
            for start, end, skips in (
                (born, self.own_end[number], False),
                (self.own_end[number], self.end[number], True),
            ):
                if end > start:
                    found.append(Stroke((start, row), (end, row), skips, False))
            if parent != NOBODY:
                found.append(Stroke((born, self.row[parent]), (born, row), number in self.skips, False))
        return found

    def line(self, lineage: list[int]) -> list[Stroke]:
        """The way along a lineage."""
        found = []
        for number in lineage[1:]:
            parent, born, skips = self.parent[number], self.born[number], number in self.skips
            corner = (born, self.row[parent])
            found.append(Stroke((self.born[parent], self.row[parent]), corner, skips, True))
            if self.row[number] != self.row[parent]:
                found.append(Stroke(corner, (born, self.row[number]), skips, True))
        return found
