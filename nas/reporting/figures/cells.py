"""The cells of a genome of the NASNet space as layered graphs: what is where, in pixels.

The genome describes itself (op names and input numbers), so nothing but the journal is needed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nas.reporting.figures.layers import Node, arrange

OP_WIDTH, OP_HEIGHT, OP_GAP = 70.0, 26.0, 8.0
UNIT_WIDTH = 2 * OP_WIDTH + OP_GAP
RISE = 18.0  # from the ops up to the middle of their sum
SUM_RADIUS = 8.0
UNIT_HEIGHT = OP_HEIGHT + RISE + SUM_RADIUS
PITCH = UNIT_HEIGHT + 40.0
STATE_WIDTH, STATE_HEIGHT = 76.0, 26.0
MARGIN = 16.0
INPUT_NAMES = ("h[i−1]", "h[i−2]")


@dataclass(frozen=True, slots=True)
class Combination:
    """Two ops and the states they read; it makes the state of the next number."""

    ops: tuple[str, str]
    inputs: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the genome says it. States 0 and 1 are the previous cell and the one before, k + 2 is combination k.

    Attributes:
        name: "normal" or "reduction".
        combinations: in the order of the states they make.
        concat: the states that the output joins.
    """

    name: str
    combinations: tuple[Combination, ...]
    concat: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpBox:
    """An op: its left upper corner, the state it makes and which of the two elements of that state it is."""

    op: str
    x: float
    y: float
    state: int
    element: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A polyline from below to above; it bends between layers and passes layers upright, by turns.

    Attributes:
        kind: "reads": from a state into an op; "adds": from an op into its sum; "joins": from a state into the output.
        state: that the op makes, or that is joined.
        element: which of the state's two, 0 for a state that is joined.
    """

    points: tuple[tuple[float, float], ...]
    kind: Literal["reads", "adds", "joins"]
    state: int
    element: int = 0


@dataclass(frozen=True, slots=True)
class StatePlace:
    """A state: the middle of an input's box or of a sum.

    Attributes:
        state: its number.
        x, y: the middle.
        used: False for an input that nothing reads.
    """

    state: int
    x: float
    y: float
    used: bool = True


@dataclass(frozen=True, slots=True)
class CellFigure:
    """
    Attributes:
        cell: what is drawn.
        width, height: of the drawing.
        inputs, sums: the states.
        ops: the op boxes.
        concat: left end, right end and top of the output's bar.
        edges: all of them.
    """

    cell: Cell
    width: float
    height: float
    inputs: tuple[StatePlace, ...]
    sums: tuple[StatePlace, ...]
    ops: tuple[OpBox, ...]
    concat: tuple[float, float, float]
    edges: tuple[Edge, ...]


def state_name(state: int) -> str:
    """What a state is called."""
    return INPUT_NAMES[state] if state < 2 else str(state)


def is_cells(genome: Any) -> bool:
    """Whether it is a pair of cells, a genome's JSON form or an architecture, or PNASNet's architecture of one cell."""
    if not isinstance(genome, Mapping):
        return False
    return {"normal", "reduction"} <= genome.keys() or isinstance(genome.get("normal"), Mapping)


def read_cells(genome: Mapping[str, Any]) -> list[Cell]:
    """The cells of a genome in JSON form, or of an architecture.

    Raises:
        ValueError, TypeError, KeyError: it is no such genome.
    """
    return [_read_cell(name, genome[name]) for name in ("normal", "reduction") if name in genome]


def _read_cell(name: str, data: Any) -> Cell:
    given = data if isinstance(data, Mapping) else {"combinations": data}
    combinations = []
    for pair in given["combinations"]:
        (op_a, input_a), (op_b, input_b) = pair
        combinations.append(Combination((str(op_a), str(op_b)), (int(input_a), int(input_b))))
    for made, combination in enumerate(combinations, start=2):
        if not all(0 <= state < made for state in combination.inputs):
            raise ValueError(f"state {made} of the {name} cell reads a state that is not made before it")
    read = {state for combination in combinations for state in combination.inputs}
    unused = [state for state in range(2, len(combinations) + 2) if state not in read]
    return Cell(name, tuple(combinations), tuple(map(int, given.get("concat") or unused)))


def cell_figure(cell: Cell) -> CellFigure:
    """Places a cell: inputs below, each state above all it reads, the output on top."""
    count = len(cell.combinations)
    output = count + 2
    layer = {0: 0, 1: 0}
    for state, combination in enumerate(cell.combinations, start=2):
        layer[state] = 1 + max(layer[source] for source in combination.inputs)
    top = layer[output] = 1 + max(layer.values())
    reads = [(source, state) for state, combo in enumerate(cell.combinations, start=2) for source in combo.inputs]
    links = reads + [(state, output) for state in cell.concat]
    nodes = [Node(state, layer[state], STATE_WIDTH if state < 2 else UNIT_WIDTH) for state in range(count + 2)]
    nodes.append(Node(output, top, STATE_WIDTH, bar=True))
    used = {source for source, _ in links}
    beside_the_other = [(state, 2) for state in (0, 1) if state not in used]  # state 2 reads the other input
    places = arrange(nodes, links + beside_the_other)
    return _Placer(cell, places.x, places.bends, layer, top, places.width).figure(used)


@dataclass(frozen=True, slots=True)
class _Placer:
    """Turns layers into heights and nodes into boxes."""

    cell: Cell
    x: Mapping[int, float]
    bends: Mapping[tuple[int, int], tuple[float, ...]]
    layer: Mapping[int, int]
    top: int
    width: float

    def figure(self, used: set[int]) -> CellFigure:
        ops: list[OpBox] = []
        edges: list[Edge] = []
        sums = []
        for state, combination in enumerate(self.cell.combinations, start=2):
            x, y = self.x[state] + MARGIN, self._sum_y(state)
            sums.append(StatePlace(state, x, y))
            for side, element in zip((-1, 1), self._sorted(combination, state), strict=True):
                middle, upper = x + side * (OP_WIDTH + OP_GAP) / 2, y + RISE
                ops.append(OpBox(combination.ops[element], middle - OP_WIDTH / 2, upper, state, element))
                read = self._edge(combination.inputs[element], state, (middle, upper + OP_HEIGHT))
                edges.append(Edge(read, "reads", state, element))
                added = (middle, upper), (x + side * SUM_RADIUS * 0.7, y + SUM_RADIUS * 0.7)
                edges.append(Edge(added, "adds", state, element))
        inputs = tuple(StatePlace(state, self.x[state] + MARGIN, self._input_y(), state in used) for state in (0, 1))
        left, right, upper, joined = self._output()
        return CellFigure(
            self.cell,
            self.width + 2 * MARGIN,
            self._input_y() + STATE_HEIGHT / 2 + MARGIN,
            inputs,
            tuple(sums),
            tuple(ops),
            (left, right, upper),
            (*edges, *joined),
        )

    def _sorted(self, combination: Combination, state: int) -> Iterable[int]:
        """The two elements, the one that reads from the left first, so that their edges do not cross."""
        left = [[*self.bends[source, state], self.x[source]][0] for source in combination.inputs]
        return sorted((0, 1), key=left.__getitem__)

    def _output(self) -> tuple[float, float, float, list[Edge]]:
        """The bar on top, as wide as what it joins, and the edges into it."""
        output = len(self.cell.combinations) + 2
        arrivals = [
            (state, [*self.bends[state, output], self.x[state]][0] + MARGIN)
            for state in dict.fromkeys(self.cell.concat)
        ]
        spread = [x for _, x in arrivals] or [self.x[output] + MARGIN]
        middle = (min(spread) + max(spread)) / 2
        half = max(STATE_WIDTH, max(spread) - min(spread) + 48.0) / 2
        middle = min(max(middle, half + 2.0), self.width + 2 * MARGIN - half - 2.0)
        upper = MARGIN
        edges = [Edge(self._edge(state, output, (x, upper + STATE_HEIGHT)), "joins", state) for state, x in arrivals]
        return middle - half, middle + half, upper, edges

    def _edge(self, source: int, target: int, end: tuple[float, float]) -> tuple[tuple[float, float], ...]:
        """From a state upwards, past the layers in between."""
        start_y = self._input_y() - STATE_HEIGHT / 2 if source < 2 else self._sum_y(source) - SUM_RADIUS
        points = [(self.x[source] + MARGIN, start_y)]
        between = range(self.layer[source] + 1, self.layer[target])
        for layer, x in zip(between, reversed(self.bends[source, target]), strict=True):
            lower = self._layer_bottom(layer)
            points += [(x + MARGIN, lower), (x + MARGIN, lower - UNIT_HEIGHT)]
        return (*points, end)

    def _layer_bottom(self, layer: int) -> float:
        """Lower end of the op boxes of a layer."""
        first = MARGIN + STATE_HEIGHT + 34.0
        return first + UNIT_HEIGHT + (self.top - 1 - layer) * PITCH

    def _sum_y(self, state: int) -> float:
        return self._layer_bottom(self.layer[state]) - OP_HEIGHT - RISE

    def _input_y(self) -> float:
        return self._layer_bottom(0) - UNIT_HEIGHT + STATE_HEIGHT / 2
