"""Fitness along the line of ancestors of the best as SVG.

Positions are percentages, so that on a page the plot takes the width it is given.
"""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.lineage_words import description
from nas.reporting.drawings.svg import element, percent, stretched
from nas.reporting.figures.lineage import Lineage, Point

WIDTH, HEIGHT = 1120, 340  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 44, "bottom": 56}
FINE = 1000.0  # the line's own coordinates run from 0 to this, where the size of the plot is not known
MOST_DOTS = 300  # of members whose network is not drawn


def plot(line: Lineage, width: float = FINE, height: float = FINE) -> Markup:
    """The plot alone, without margins; axis labels stand outside its box.

    Args:
        line: what is drawn.
        width, height: what it is drawn at, if that is known: then nothing is stretched.
    """
    across, up = axes(line)
    places = (f"{width * across.fraction(point.born):.1f} {height * (1 - _up(point, up)):.1f}" for point in line.curve)
    path = element("path", d=f"M{'L'.join(places)}", class_="lineage-line")
    return Markup("").join(
        [
            frame(across, up, "evaluations", line.fitness_name.replace("_", " ")),
            stretched(path, (width, height)),
            *_dots(line, across, up),
        ]
    )


def drawing(line: Lineage) -> Markup:
    """The plot with its margins, as a file shows it."""
    width, height = inner_size((WIDTH, HEIGHT), MARGIN)
    return as_file(plot(line, width, height), (), description(line), (WIDTH, HEIGHT), MARGIN)


def axes(line: Lineage) -> tuple[Axis, Axis]:
    """Evaluations across, fitness up."""
    values = [point.fitness for point in line.curve] or [0.0, 1.0]
    room = max(values) - min(values)
    across = axis(0, max(1, line.told), about=6, whole=True)
    return across, axis(min(values) - 0.08 * room, max(values) + 0.12 * room, about=6)


def _dots(line: Lineage, across: Axis, up: Axis) -> Iterator[Markup]:
    few = len(line.curve) <= MOST_DOTS
    for drawn in (False, True):
        for point in line.curve if drawn or few else ():
            if point.drawn is drawn:
                yield element(
                    "circle",
                    element("title", point.title),
                    cx=percent(across.fraction(point.born)),
                    cy=percent(1 - _up(point, up)),
                    r=4.2 if drawn else 3,
                    class_="lineage-dot drawn" if drawn else "lineage-dot",
                    data_show=point.number,
                )


def _up(point: Point, up: Axis) -> float:
    return up.fraction(point.fitness)
