"""Rows of a forest whose branches are level lines over time, so that none touches another and no link crosses any.

A branch begins on its parent's line, at its own birth. The later a branch begins, the nearer to its parent's line it
and all that grows from it are put: at an earlier birth nothing is in the way then. On which side of the line is decided
by where it comes nearer.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from nas.reporting.columns import NOBODY, Floats

COLUMNS = 2000  # what lies in one column of the drawing's width counts as one place
APART = 12  # columns between what shares a row

Span = tuple[float, float]


def family_rows(parents: Sequence[int], spans: Sequence[Span]) -> list[int]:
    """The row of every branch, from 0.

    Args:
        parents: places of the branches they begin on, which come before them, or `NOBODY`.
        spans: where they begin and end, as shares of the width.
    """
    shifts = [0] * len(parents)
    blocks: dict[int, _Block] = {}
    waiting: defaultdict[int, list[int]] = defaultdict(list)
    for branch in range(len(parents) - 1, -1, -1):
        block = _Block([spans[branch]])
        for child in sorted(waiting.pop(branch, ()), key=lambda child: (spans[child], child), reverse=True):
            shifts[child] = block.put(blocks.pop(child))
        blocks[branch] = block
        waiting[parents[branch]].append(branch)
    _put_together(blocks, spans, shifts)
    rows: list[int] = []
    for parent, shift in zip(parents, shifts, strict=True):
        rows.append(shift + (0 if parent == NOBODY else rows[parent]))
    highest = min(rows, default=0)
    return [row - highest for row in rows]


def _put_together(blocks: dict[int, "_Block"], spans: Sequence[Span], shifts: list[int]) -> None:
    """Trees beside each other, the tallest first; single lines share rows as far as they can, and come last."""
    trees = sorted((root for root in blocks if blocks[root].height), key=lambda root: (-blocks[root].height, root))
    members = [[root] for root in trees] + _lanes([root for root in blocks if not blocks[root].height], spans)
    if not members:
        return
    whole = blocks[trees[0]] if trees else _Block([spans[root] for root in members[0]])
    for roots in members[1:]:
        block = blocks[roots[0]] if blocks[roots[0]].height else _Block([spans[root] for root in roots])
        shift = whole.put(block)
        for root in roots:
            shifts[root] = shift


def _lanes(roots: Sequence[int], spans: Sequence[Span]) -> list[list[int]]:
    """Those that fit beside each other in one row, each in the first row that has room."""
    lanes: list[list[int]] = []
    for root in sorted(roots, key=lambda root: (spans[root], root)):
        least = spans[root][0] - (APART + 1) / COLUMNS
        lane = next((lane for lane in lanes if spans[lane[-1]][1] < least), None)
        if lane is None:
            lanes.append([root])
        else:
            lane.append(root)
    return lanes


class _Block:
    """A branch and all that grows from it: the highest and the lowest row it takes in each column, its own row is 0."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.upper: Floats = np.full(COLUMNS + 1, np.inf)
        self.lower: Floats = np.full(COLUMNS + 1, -np.inf)
        for start, end in spans:
            taken = slice(max(0, int(start * COLUMNS) - APART), int(end * COLUMNS) + 1)
            self.upper[taken] = self.lower[taken] = 0.0

    @property
    def height(self) -> int:
        return int(self.lower.max() - self.upper.min())

    def put(self, other: "_Block") -> int:
        """Takes in another block, and gives the row that its branch has now."""
        below = max(1.0, float((self.lower - other.upper).max()) + 1)
        above = min(-1.0, float((self.upper - other.lower).min()) - 1)
        shift = below if below <= -above else above
        self.upper = np.minimum(self.upper, other.upper + shift)
        self.lower = np.maximum(self.lower, other.lower + shift)
        return int(shift)
