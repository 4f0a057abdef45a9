"""What differs between a parent's genome and its child's, in words."""

from collections.abc import Iterator

from nas.reporting.drawings import dna_change_words
from nas.reporting.drawings.cells import short
from nas.reporting.figures.cell_changes import CellChange, CellsChange
from nas.reporting.figures.cells import state_name
from nas.reporting.figures.changes import BitsChange, Change, OpsChange
from nas.reporting.figures.dna_changes import DnaChange

MOST_BITS = 8  # that are listed one by one


def sentences(change: Change) -> list[str]:
    """One for each difference; none where nothing is known but that there is one."""
    if isinstance(change, DnaChange):
        return list(dna_change_words.sentences(change))
    if isinstance(change, CellsChange):
        return [f"{cell.cell.name} cell, {words}" for cell in change.cells for words in _cell(cell)]
    if isinstance(change, OpsChange):
        return [f"edge {source} to {target}: {old} → {new}" for source, target, old, new in change.edges]
    if isinstance(change, BitsChange) and change.places:
        listed = ", ".join(map(str, change.places[:MOST_BITS])) + (", …" if len(change.places) > MOST_BITS else "")
        return [f"bit{'s' if len(change.places) > 1 else ''} {listed} flipped"]
    return []


def _cell(change: CellChange) -> Iterator[str]:
    combinations = change.cell.combinations
    for (state, element), old in change.ops.items():
        new = short(combinations[state - 2].ops[element])
        yield f"state {state}: {f'{short(old)} → {new}' if old else f'{new} added'}"
    for (state, element), source in change.inputs.items():
        new, op = state_name(combinations[state - 2].inputs[element]), short(combinations[state - 2].ops[element])
        yield f"state {state}: {op} reads {new}" + (f" instead of {state_name(source)}" if source >= 0 else "")
    for state in change.joined:
        yield f"{state_name(state) if state < 2 else f'state {state}'} is joined to the output"
    for state in change.left:
        yield f"{state_name(state) if state < 2 else f'state {state}'} is no longer joined to the output"
    for state in change.lost:
        yield f"state {state} is gone"
