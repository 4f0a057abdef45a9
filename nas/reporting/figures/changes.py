"""What differs between the genomes of a parent and its child, whatever made the difference.

Compared are the genomes themselves, in JSON form: details of a mutation are its own words, and plug-ins may give none.
"""

from dataclasses import dataclass
from typing import Any

from nas.errors import UserError
from nas.reporting.figures.bits import is_bits
from nas.reporting.figures.cell_changes import CellsChange, cells_change
from nas.reporting.figures.cells import Cell, is_cells, read_cells
from nas.reporting.figures.dna import read_dna
from nas.reporting.figures.dna_changes import DnaChange, dna_change
from nas.search_spaces.nasbench201 import EDGES, parse_nasbench201


@dataclass(frozen=True, slots=True)
class BitsChange:
    """Places of the bits that are different."""

    places: tuple[int, ...]

    @property
    def same(self) -> bool:
        return not self.places


@dataclass(frozen=True, slots=True)
class OpsChange:
    """Edges of a cell of NAS-Bench-201 with another op: source, target, the parent's op and the child's."""

    edges: tuple[tuple[int, int, str, str], ...]

    @property
    def same(self) -> bool:
        return not self.edges


@dataclass(frozen=True, slots=True)
class OtherChange:
    """Of genomes that are not known from inside: whether they are the same."""

    same: bool


Change = CellsChange | DnaChange | BitsChange | OpsChange | OtherChange


def change(parent: Any, child: Any) -> Change:
    """What a child has differently; genomes of two spaces are known to differ and no more."""
    if is_bits(parent) and is_bits(child) and len(parent) == len(child):
        return BitsChange(tuple(place for place, bit in enumerate(child) if bit != parent[place]))
    old_cells, cells = _cells(parent), _cells(child)
    if old_cells and cells:
        return cells_change(old_cells, cells)
    old_ops, ops = _ops(parent), _ops(child)
    if old_ops and ops:
        both = zip(EDGES, old_ops, ops, strict=True)
        return OpsChange(tuple((*edge, old, new) for edge, old, new in both if old != new))
    old_dna, dna = read_dna(parent), read_dna(child)
    if old_dna is not None and dna is not None:
        return dna_change(old_dna, dna)
    return OtherChange(parent == child)


def _cells(genome: Any) -> list[Cell] | None:
    try:
        return read_cells(genome) if is_cells(genome) else None
    except (ValueError, TypeError, KeyError):
        return None  # some other space with two cells


def _ops(genome: Any) -> tuple[str, ...] | None:
    try:
        return parse_nasbench201(genome)
    except UserError:
        return None
