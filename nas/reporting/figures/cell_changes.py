"""What differs between the cells of a parent and those of its child."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.reporting.figures.cells import Cell

Place = tuple[int, int]  # a state, and which of its two elements


@dataclass(frozen=True, slots=True)
class CellChange:
    """What is different in one cell of the child. Elements are compared at the same place of the same state.

    Attributes:
        cell: the child's.
        ops: elements whose op is another one, with the parent's; "" where the parent has no such element.
        inputs: elements that read another state, with the parent's; -1 where it has no such element.
        joined: states that the output joins, and that of the parent does not.
        left: states that the parent's output joins, and that of the child does not.
        lost: states of the parent that the child has not.
    """

    cell: Cell
    ops: dict[Place, str]
    inputs: dict[Place, int]
    joined: tuple[int, ...]
    left: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def same(self) -> bool:
        return not (self.ops or self.inputs or self.joined or self.left or self.lost)


@dataclass(frozen=True, slots=True)
class CellsChange:
    """What is different in each of the child's cells, in their order."""

    cells: tuple[CellChange, ...]

    @property
    def same(self) -> bool:
        return all(cell.same for cell in self.cells)


def cells_change(parent: Sequence[Cell], child: Sequence[Cell]) -> CellsChange:
    """Compares cells of the same name; one that the parent has not is new in all its parts."""
    before = {cell.name: cell for cell in parent}
    return CellsChange(tuple(_cell_change(before.get(cell.name, Cell(cell.name, (), ())), cell) for cell in child))


def _cell_change(parent: Cell, child: Cell) -> CellChange:
    ops: dict[Place, str] = {}
    inputs: dict[Place, int] = {}
    for state, combination in enumerate(child.combinations, start=2):
        known = state - 2 < len(parent.combinations)
        old_ops = parent.combinations[state - 2].ops if known else ("", "")
        old_inputs = parent.combinations[state - 2].inputs if known else (-1, -1)
        for element in (0, 1):
            if combination.ops[element] != old_ops[element]:
                ops[state, element] = old_ops[element]
            if combination.inputs[element] != old_inputs[element]:
                inputs[state, element] = old_inputs[element]
    states = len(child.combinations) + 2
    return CellChange(
        cell=child,
        ops=ops,
        inputs=inputs,
        joined=tuple(state for state in dict.fromkeys(child.concat) if state not in parent.concat),
        left=tuple(state for state in dict.fromkeys(parent.concat) if state not in child.concat and state < states),
        lost=tuple(range(states, len(parent.combinations) + 2)),
    )
