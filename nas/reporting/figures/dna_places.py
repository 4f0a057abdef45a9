"""Where the layers of a DNA lie: a column from the input below to the output on top, skips beside it, in pixels.

Long networks go on in further columns to the right. A skip runs in a lane of the gutter on the left of its column; one
that leads into another column passes above the columns in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nas.reporting.figures.dna import DnaLayers, Skip

MOST_ROWS = 26
PITCH, BOX_HEIGHT, LEAST_WIDTH = 26.0, 20.0, 92.0
LANE, BESIDE, MARGIN = 7.0, 11.0, 8.0
APART = 4.0  # a skip leaves a box so far above its middle, and enters it so far below
LABEL_CHARACTER, DETAIL_CHARACTER = 6.7, 6.0  # pixels, on the safe side of most typefaces

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DnaFigure:
    """
    Attributes:
        dna: what is drawn.
        width, height: of the drawing.
        box_width: of every layer.
        boxes: the left upper corner of every layer.
        links: from layer to layer, polylines.
        skips: polylines with right angles, in the order of `dna.skips`.
    """

    dna: DnaLayers
    width: float
    height: float
    box_width: float
    boxes: tuple[Point, ...]
    links: tuple[tuple[Point, ...], ...]
    skips: tuple[tuple[Point, ...], ...]


def dna_figure(dna: DnaLayers) -> DnaFigure:
    """Places the layers of a network."""
    return _Placer(dna).figure()


@dataclass
class _Lanes:
    """Parallel tracks; spans that overlap get different ones, short spans the first."""

    taken: list[list[tuple[float, float]]] = field(default_factory=list)

    def place(self, low: float, high: float) -> int:
        for number, spans in enumerate(self.taken):
            if all(high <= other_low or other_high <= low for other_low, other_high in spans):
                spans.append((low, high))
                return number
        self.taken.append([(low, high)])
        return len(self.taken) - 1


class _Placer:
    def __init__(self, dna: DnaLayers) -> None:
        self.dna = dna
        count = len(dna.layers)
        self.columns = -(-count // MOST_ROWS)
        self.rows = -(-count // self.columns)
        self.box_width = max(LEAST_WIDTH, *(_box_width(layer.label, layer.details) for layer in dna.layers))
        self.lane_of: dict[tuple[int, int], int] = {}  # (index of the skip, column) -> lane
        self.gutters = [_Lanes() for _ in range(self.columns)]
        self._assign_lanes()
        self.left: list[float] = []  # of every column's boxes
        x = MARGIN
        for column, gutter in enumerate(self.gutters):
            lanes = len(gutter.taken) + (column > 0)
            x += BESIDE + LANE * (lanes - 1) if lanes else 0.0
            self.left.append(x)
            x += self.box_width + MARGIN
        self.width = x
        self.bus_of, buses = self._assign_buses()
        self.top = MARGIN + LANE * buses + (LANE if self.columns > 1 else 0.0)

    def figure(self) -> DnaFigure:
        layers = range(len(self.dna.layers))
        return DnaFigure(
            dna=self.dna,
            width=self.width,
            height=self.top + self.rows * PITCH - (PITCH - BOX_HEIGHT) + MARGIN,
            box_width=self.box_width,
            boxes=tuple((self.left[self._column(layer)], self._middle(layer) - BOX_HEIGHT / 2) for layer in layers),
            links=tuple(self._link(layer) for layer in layers[:-1]),
            skips=tuple(self._skip(index, skip) for index, skip in enumerate(self.dna.skips)),
        )

    def _column(self, layer: int) -> int:
        return layer // self.rows

    def _middle(self, layer: int) -> float:
        return self.top + (self.rows - 1 - layer % self.rows) * PITCH + BOX_HEIGHT / 2

    def _assign_lanes(self) -> None:
        for low, high, index, column in sorted(self._spans(), key=lambda span: (span[1] - span[0], span)):
            self.lane_of[index, column] = self.gutters[column].place(low, high)

    def _spans(self) -> Iterable[tuple[int, int, int, int]]:
        """(lower row, upper row, index of the skip, column) of what runs upright."""
        for index, skip in enumerate(self.dna.skips):
            source, target = self._column(skip.source), self._column(skip.target)
            if source == target:
                yield skip.source % self.rows, skip.target % self.rows, index, source
            else:
                yield skip.source % self.rows, self.rows, index, source
                yield skip.target % self.rows, self.rows, index, target

    def _assign_buses(self) -> tuple[dict[int, int], int]:
        lanes = _Lanes()
        spans = [
            (self._lane(index, self._column(skip.source)), self._lane(index, self._column(skip.target)), index)
            for index, skip in enumerate(self.dna.skips)
            if self._column(skip.source) != self._column(skip.target)
        ]
        spans.sort(key=lambda span: (span[1] - span[0], span))
        return {index: lanes.place(low, high) for low, high, index in spans}, len(lanes.taken)

    def _lane(self, index: int, column: int) -> float:
        return self.left[column] - BESIDE - LANE * self.lane_of[index, column]

    def _link(self, layer: int) -> tuple[Point, ...]:
        column, above = self._column(layer), self._column(layer + 1)
        x = self.left[column] + self.box_width / 2
        start = self._middle(layer) - BOX_HEIGHT / 2
        end = self._middle(layer + 1) + BOX_HEIGHT / 2
        if column == above:
            return (x, start), (x, end)
        across = self.left[above] - BESIDE - LANE * len(self.gutters[above].taken)
        to, high, low = self.left[above] + self.box_width / 2, self.top - LANE / 2 - 1.0, end + MARGIN / 2
        return (x, start), (x, high), (across, high), (across, low), (to, low), (to, end)

    def _skip(self, index: int, skip: Skip) -> tuple[Point, ...]:
        source, target = self._column(skip.source), self._column(skip.target)
        start = (self.left[source], self._middle(skip.source) - APART)
        end = (self.left[target], self._middle(skip.target) + APART)
        out, into = self._lane(index, source), self._lane(index, target)
        if source == target:
            return start, (out, start[1]), (out, end[1]), end
        high = self.top - LANE * 1.5 - LANE * self.bus_of[index] - 1.0
        return start, (out, start[1]), (out, high), (into, high), (into, end[1]), end


def _box_width(label: str, details: str) -> float:
    return 14.0 + LABEL_CHARACTER * len(label) + (14.0 + DETAIL_CHARACTER * len(details) if details else 0.0)
