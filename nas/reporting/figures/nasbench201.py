"""The cell of NAS-Bench-201 (arXiv 2001.00326, section 2.1): four nodes and an op on each edge, in pixels.

Nodes lie above each other, the input below; edges between neighbours are upright, the others pass beside them.
"""

from dataclasses import dataclass
from typing import Any

from nas.errors import UserError
from nas.search_spaces.nasbench201 import EDGES, parse_nasbench201

OP_WIDTH, OP_HEIGHT = 76.0, 26.0
NODE_WIDTH, NODE_HEIGHT, NODE_RADIUS = 76.0, 26.0, 13.0
LEVEL, LANE, MARGIN = 92.0, 90.0, 14.0
NODES = 4

Point = tuple[float, float]

_MIDDLE = MARGIN + LANE + OP_WIDTH / 2
_LANES = {(0, 2): -1, (1, 3): 1, (0, 3): 2}  # left or right of the middle
_OP_LEVELS = {(0, 2): 1.0, (1, 3): 2.0, (0, 3): 1.5}
WIDTH = _MIDDLE + 2 * LANE + OP_WIDTH / 2 + MARGIN
HEIGHT = (NODES - 1) * LEVEL + NODE_HEIGHT + 2 * MARGIN


@dataclass(frozen=True, slots=True)
class EdgePlace:
    """An edge: its nodes, its op, the polyline from the lower to the upper node, and the middle of the op's box."""

    source: int
    target: int
    op: str
    points: tuple[Point, ...]
    middle: Point


@dataclass(frozen=True, slots=True)
class NasBench201Figure:
    """
    Attributes:
        nodes: middle of each, the input first.
        edges: in the order of genomes.
    """

    nodes: tuple[Point, ...]
    edges: tuple[EdgePlace, ...]


def node_name(node: int) -> str:
    """What a node is called."""
    return {0: "input", NODES - 1: "output"}.get(node, f"node {node}")


def nasbench201_figure(genome: Any) -> NasBench201Figure | None:
    """Places a cell; None if the genome is no text of the benchmark."""
    try:
        ops = parse_nasbench201(genome)
    except UserError:
        return None
    nodes = tuple((_MIDDLE, _level(node)) for node in range(NODES))
    return NasBench201Figure(nodes, tuple(_edge(*edge, op) for edge, op in zip(EDGES, ops, strict=True)))


def _level(node: float) -> float:
    return MARGIN + NODE_HEIGHT / 2 + (NODES - 1 - node) * LEVEL


def _edge(source: int, target: int, op: str) -> EdgePlace:
    if target == source + 1:
        x, low, high = _MIDDLE, _level(source) - NODE_HEIGHT / 2, _level(target) + NODE_HEIGHT / 2
        return EdgePlace(source, target, op, ((x, low), (x, high)), (x, (low + high) / 2))
    side = _LANES[source, target]
    x = _MIDDLE + side * LANE
    out, into = _level(source) - _apart(source, target), _level(target) + _apart(source, target)
    points = ((_beside(source, side), out), (x, out), (x, into), (_beside(target, side), into))
    return EdgePlace(source, target, op, points, (x, _level(_OP_LEVELS[source, target])))


def _beside(node: int, side: int) -> float:
    """Where an edge leaves or enters a node: inputs and outputs are boxes, the others round."""
    half = NODE_WIDTH / 2 if node in (0, NODES - 1) else NODE_RADIUS
    return _MIDDLE + (half if side > 0 else -half)


def _apart(source: int, target: int) -> float:
    """Two edges enter the output from the right."""
    return {(1, 3): 5.0, (0, 3): -5.0}.get((source, target), 0.0)
