"""The Pareto front as SVG: fitness over cost, every individual faint, the front as a step line with numbers.

What lies below and right of the line is beaten by a member of the front. Positions are percentages, so that on a page
the plot takes the width it is given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from nas.algorithms.pareto import Point
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.pareto import ParetoFigure, Undominated
from nas.reporting.labels import count, fitness, plural, quantity, unit

WIDTH, HEIGHT = 900, 490  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 70, "bottom": 56}
FINE = 1000.0  # the lines' own coordinates run from 0 to this in both directions
DENSE, COARSE = 20_000, 4.0  # points, from which on dots share places of so many coordinates
LABEL_WIDTH, LABEL_HEIGHT = 0.11, 0.055  # shares of the plot that a number takes on a narrow screen


@dataclass(frozen=True, slots=True)
class Scene:
    """The axes: cost across, in units of so much, and fitness up."""

    across: Axis
    up: Axis
    size: float
    unit: str

    def at(self, point: Point) -> tuple[float, float]:
        """Shares of the plot's width and height, from the left and from the top."""
        return self.across.fraction(point.cost / self.size), 1 - self.up.fraction(point.fitness)


def scene(figure: ParetoFigure) -> Scene:
    """The axes of a figure.

    Whoever has less fitness than the front's cheapest member would press the front together: the lowest quarter lies on
    the lower edge instead, as far as it is below that member. Left of the front there is room for numbers.
    """
    costs = [point.cost for point in figure.points]
    values = sorted(point.fitness for point in figure.points)
    size, letter = unit(max(map(abs, costs)))
    low, high = min(costs) / size, max(costs) / size
    bottom, top = min(figure.front[0].point.fitness, values[len(values) // 4]), values[-1]
    across = axis(low - 0.08 * (high - low), high + 0.02 * (high - low), about=6)
    return Scene(across, axis(bottom - 0.06 * (top - bottom), top + 0.09 * (top - bottom), about=7), size, letter)


def plot(figure: ParetoFigure, width: float = FINE, height: float = FINE) -> Markup:
    """The plot alone, without margins: axis labels stand outside its box.

    Args:
        figure: what is drawn.
        width, height: what it is drawn at, if that is known: then nothing is stretched.
    """
    here, total, size = scene(figure), len(figure.points), (width, height)
    return Markup("").join(
        [
            _frame(figure, here),
            _dots(figure.dead, "dead", total, here, size),
            _dots(figure.alive, "alive", total, here, size),
            _line(figure.front, here, size),
            *(_member(member, here) for member in figure.front),
            *_numbers(figure.front, here),
        ]
    )


def drawing(figure: ParetoFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, HEIGHT)
    return as_file(plot(figure, *inner_size(size, MARGIN)), _legend(figure), description(figure), size, MARGIN)


def description(figure: ParetoFigure) -> str:
    """The figure in words."""
    total, first, last = plural(len(figure.points), "individual"), figure.front[0], figure.front[-1]
    text = f"Pareto front: {figure.fitness_name} against {_name(figure)} of {total}. "
    if first is last:
        return f"{text}One beats or equals all others in both: {_words(first)}."
    text += f"None beats these {count(len(figure.front))} in both: from {_words(first)} to {_words(last)}."
    if figure.share is None:
        return text
    return f"{text} They dominate {100 * figure.share:.1f} % of the rectangle that all individuals span (hypervolume)."


def legend(figure: ParetoFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [
        ("front", f"Pareto front ({count(len(figure.front))})", len(figure.front)),
        ("alive", f"population at the end ({count(len(figure.alive))})", len(figure.alive)),
        ("dead", f"others ({count(len(figure.dead))})", len(figure.dead)),
    ]
    return [(kind, label) for kind, label, shown in entries if shown]


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "front":
        line = element("path", d="M1 13H9V7H18V3H25", class_="best-line")
        return line + element("circle", cx=9, cy=7, r=3.4, class_="lineage-dot")
    return element("path", d="M13 8h0", class_=f"dots {kind}", stroke_width=8)


def _legend(figure: ParetoFigure) -> Iterator[Markup]:
    x = float(MARGIN["left"])
    for kind, label in legend(figure):
        yield element("svg", symbol(kind), x=x, y=18, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 31, y=30.5, class_="legend")
        x += 49 + 6.2 * len(label)


def _frame(figure: ParetoFigure, here: Scene) -> Markup:
    hidden = sum(point.fitness < here.up.low for point in figure.points)
    note = f"{count(hidden)} below {here.up.label(here.up.low)} on the edge" if hidden else ""
    across = f"{_name(figure)}, {here.unit}" if here.unit else _name(figure)
    return frame(here.across, here.up, across, figure.fitness_name.replace("_", " "), note)


def _dots(points: list[Point], kind: str, total: int, here: Scene, size: tuple[float, float]) -> Markup:
    """Round ends of lines without length; points at one place are one dot."""
    if not points:
        return Markup("")
    step = COARSE if total > DENSE else 1.0
    places = {(round(x * size[0] / step), round(y * size[1] / step)) for x, y in map(here.at, points)}
    path = "".join(f"M{number(step * x)} {number(step * y)}h0" for x, y in sorted(places))
    width = 2 * (3.2 if total <= 300 else 2.6 if total <= 2000 else 1.8) * (1.2 if kind == "alive" else 1)
    return stretched(element("path", d=path, class_=f"dots {kind}", stroke_width=width), size)


def _line(front: list[Undominated], here: Scene, size: tuple[float, float]) -> Markup:
    across, down = size
    steps = [f"M{number(across * here.at(front[0].point)[0])} {number(down)}"]
    for x, y in (here.at(member.point) for member in front):
        steps.append(f"H{number(across * x)}V{number(down * y)}")
    return stretched(element("path", d="".join([*steps, f"H{number(across)}"]), class_="best-line"), size)


def _member(member: Undominated, here: Scene) -> Markup:
    x, y = map(percent, here.at(member.point))
    return element("circle", element("title", member.title), cx=x, cy=y, r=3.8, class_="lineage-dot")


def _numbers(front: list[Undominated], here: Scene) -> Iterator[Markup]:
    """Above and left of the line there is nobody, so numbers stand there; the last first, then those with room."""
    taken: list[tuple[float, float]] = []
    for member in (front[-1], *front[:-1]):
        x, y = here.at(member.point)
        if any(abs(x - other) < LABEL_WIDTH and abs(y - far) < LABEL_HEIGHT for other, far in taken):
            continue
        taken.append((x, y))
        place = {"x": percent(x), "y": percent(y), "dx": -7, "dy": -7}
        label = element("text", f"#{member.individual.number}", **place, class_="best-label end")
        yield element("g", label, class_="best")


def _name(figure: ParetoFigure) -> str:
    return figure.objective.replace("_", " ")


def _words(member: Undominated) -> str:
    return f"#{member.individual.number} ({fitness(member.point.fitness)} at {quantity(member.point.cost)})"
