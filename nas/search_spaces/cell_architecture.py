"""A cell network's architecture as plain data: op names, the states they read, and what the cell's output joins.

Source: NASNet (arXiv 1707.07012, section 3) and AmoebaNet (arXiv 1802.01548, search space). States 0 and 1 are a cell's
inputs, the output of the previous cell and of the one before; combination k makes state k + 2. This is the numbering of
the authors' code; DARTS counts the inputs the other way round.
"""

import reprlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nas.errors import UserError

CELL_NAMES = ("normal", "reduction")
NUM_INPUTS = 2

OPS = (
    "none",
    "conv_1x1",
    "conv_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "avg_pool_2x2",
    "avg_pool_3x3",
    "min_pool_2x2",
    "max_pool_2x2",
    "max_pool_3x3",
    "dil_sep_conv_3x3",
    "dil_sep_conv_5x5",
    "dil_sep_conv_7x7",
    "conv_1x3_3x1",
    "conv_1x7_7x1",
    "dil_2_conv_3x3",
    "dil_4_conv_3x3",
    "dil_6_conv_3x3",
)

Element = tuple[str, int]  # an op and the state it reads
Combination = tuple[Element, Element]


@dataclass(frozen=True)
class CellWiring:
    """A checked cell.

    Attributes:
        combinations: combination k makes state k + 2, the sum of its two elements.
        concat: the states that the output joins along the channels, in this order.
    """

    combinations: tuple[Combination, ...]
    concat: tuple[int, ...]

    @cached_property
    def live_states(self) -> frozenset[int]:
        """The states that reach the output, inputs included. With the default concat every combination does."""
        live = set(self.concat)
        for state in range(len(self.combinations) + 1, NUM_INPUTS - 1, -1):
            if state in live:
                live.update(source for _, source in self.combinations[state - NUM_INPUTS])
        return frozenset(live)


def unused_states(combinations: Sequence[Combination]) -> tuple[int, ...]:
    """The states made in the cell that no combination reads: the default concat.

    The papers' rule; the authors' code also lists states that are read, and cell inputs. Published genotypes therefore
    carry their own list.
    """
    read = {source for combination in combinations for _, source in combination}
    return tuple(state for state in range(NUM_INPUTS, len(combinations) + NUM_INPUTS) if state not in read)


def parse_architecture(data: Any, ops: Collection[str] = OPS) -> dict[str, CellWiring]:
    """The checked wiring of the cells.

    Args:
        data: `{"normal": {"combinations": [[["sep_conv_3x3", 0], ["none", 1]], ...], "concat": [2, ...]}, "reduction":
            ...}`; `concat` may be left out. Without "reduction" there is one type of cell, which at stride 2 takes the
            place of some of the normal ones (PNASNet, arXiv 1712.00559).
        ops: the allowed names.

    Raises:
        UserError: `data` is no such architecture; the sentence says where.
    """
    cells = data if _is_single_cell(data) else _both_cells("an architecture", data, " ('reduction' may be left out)")
    return {name: _parse_cell(name, cell, ops) for name, cell in cells.items()}


def cells_architecture(genome: Mapping[str, Any]) -> dict[str, Any]:
    """A cell genome in JSON form, or an architecture, as an architecture.

    Raises:
        UserError: it is neither.
    """
    cells = {
        name: cell if isinstance(cell, Mapping) else {"combinations": cell}
        for name, cell in genome.items()
        if name in ("normal", "reduction")
    }
    return {
        name: {
            "combinations": [[list(element) for element in combination] for combination in wiring.combinations],
            "concat": list(wiring.concat),
        }
        for name, wiring in parse_architecture(cells).items()
    }


def parse_combinations(cell: str, data: Any, ops: Collection[str] = OPS) -> tuple[Combination, ...]:
    """The checked combinations of one cell.

    Args:
        cell: its name, for the sentences.
        data: `[[[op, input], [op, input]], ...]`.
        ops: the allowed names.

    Raises:
        UserError: an unknown op, an input out of range, or another form.
    """
    if not _is_list(data) or not data:
        raise UserError(f"the {cell} cell's combinations are {data!r}, it must be a list of pairs of [op, input]")
    return tuple(_parse_combination(cell, number, item, ops) for number, item in enumerate(data))


def parse_genome(data: Any, ops: Collection[str], num_combinations: int) -> dict[str, tuple[Combination, ...]]:
    """The checked combinations of both cells of a genome.

    Args:
        data: `{"normal": [[[op, input], [op, input]], ...], "reduction": ...}`.
        ops: the allowed names.
        num_combinations: how many each cell has.

    Raises:
        UserError: `data` is no such genome; the sentence says where.
    """
    cells = {
        name: parse_combinations(name, cell, ops)
        for name, cell in _both_cells("a genome of the space 'cells'", data).items()
    }
    for name, combinations in cells.items():
        if len(combinations) != num_combinations:
            raise UserError(f"the {name} cell has {len(combinations)} combinations, the space has {num_combinations}")
    return cells


def _is_single_cell(data: Any) -> bool:
    return isinstance(data, Mapping) and set(data) == {"normal"}


def _both_cells(what: str, data: Any, remark: str = "") -> dict[str, Any]:
    if isinstance(data, Mapping) and "vertices" in data:
        raise UserError(f"{what} is made of cells, this is a DNA: set network=dna")
    if not isinstance(data, Mapping) or set(data) != set(CELL_NAMES):
        shown = reprlib.repr(data)
        raise UserError(f"{what} is an object with the keys 'normal' and 'reduction'{remark}, not {shown}")
    return {name: data[name] for name in CELL_NAMES}


def _parse_cell(name: str, data: Any, ops: Collection[str]) -> CellWiring:
    if not isinstance(data, Mapping) or not {"combinations"} <= set(data) <= {"combinations", "concat"}:
        shown = reprlib.repr(data)
        raise UserError(f"the {name} cell is an object with the keys 'combinations' and 'concat', not {shown}")
    combinations = parse_combinations(name, data["combinations"], ops)
    concat = data.get("concat")
    if concat is None:
        return CellWiring(combinations, unused_states(combinations))
    return CellWiring(combinations, _parse_concat(name, concat, len(combinations) + NUM_INPUTS))


def _parse_combination(cell: str, number: int, data: Any, ops: Collection[str]) -> Combination:
    if not _is_list(data) or len(data) != 2:
        raise UserError(f"{cell} combination {number} is {data!r}, it must be a pair of [op, input]")
    first, second = (_parse_element(cell, number, item, ops) for item in data)
    return first, second


def _parse_element(cell: str, number: int, data: Any, ops: Collection[str]) -> Element:
    if not _is_list(data) or len(data) != 2:
        raise UserError(f"{cell} combination {number} holds {data!r}, it must be [op, input]")
    op, source = data
    if not isinstance(op, str) or op not in ops:
        raise UserError(f"{cell} combination {number} has the op {op!r}, allowed are {', '.join(ops)}")
    if type(source) is not int or not 0 <= source < number + NUM_INPUTS:
        raise UserError(f"{cell} combination {number} reads state {source!r}, allowed are 0 to {number + 1}")
    return op, source


def _parse_concat(cell: str, data: Any, num_states: int) -> tuple[int, ...]:
    if not _is_list(data) or not data or len(set(map(str, data))) != len(data):
        raise UserError(f"the {cell} cell's concat is {data!r}, it must be a list of different states, at least one")
    for state in data:
        if type(state) is not int or not 0 <= state < num_states:
            raise UserError(f"the {cell} cell's concat holds {state!r}, allowed are 0 to {num_states - 1}")
    return tuple(data)


def _is_list(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str | bytes)
