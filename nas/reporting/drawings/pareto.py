"""The Pareto front as SVG: fitness over cost, every individual faint, the front as a step line with numbers.

What lies below and right of the line is beaten by a member of the front. Positions are percentages, so that on a page
the plot takes the width it is given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nas.algorithms.pareto import Point
from nas.reporting.drawings.axis import Axis, axis, log_axis, wants_log
from nas.reporting.drawings.cloud import FINE, Shares, click_area, cloud
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.arm_curves import evenly
from nas.reporting.figures.pareto import ParetoFigure, Undominated
from nas.reporting.labels import count, fitness, plural, quantity, unit

WIDTH, HEIGHT = 900, 490  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 70, "bottom": 56}
LABEL_WIDTH, LABEL_HEIGHT = 0.11, 0.055  # shares of the plot that a number takes on a narrow screen
MOST_MEMBERS = 500  # of the front that are circles of their own
NAMES = {"multiply_adds": "multiply-adds", "latency_ms": "latency, ms"}


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
    low, high = float(figure.cost.min()), float(figure.cost.max())
    bottom = min(figure.front[0].point.fitness, float(np.quantile(figure.fitness, 0.25, method="lower")))
    top = float(figure.fitness.max())
    up = axis(bottom - 0.06 * (top - bottom), top + 0.09 * (top - bottom), about=7)
    if wants_log(figure.cost):
        ratio = high / low
        return Scene(log_axis(low / ratio**0.08, high * ratio**0.02), up, 1.0, "")
    size, letter = unit(max(abs(low), abs(high)))
    low, high = low / size, high / size
    return Scene(axis(low - 0.08 * (high - low), high + 0.02 * (high - low), about=6), up, size, letter)


def plot(figure: ParetoFigure) -> Markup:
    """The plot as a page shows it, without margins: axis labels stand outside its box."""
    here = scene(figure)
    numbers, across, down = figure.numbers[figure.opens], *_places(figure, here, figure.opens)
    return _plot(figure, here, (FINE, FINE), click_area(numbers, across, down))


def drawing(figure: ParetoFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, HEIGHT)
    inner = _plot(figure, scene(figure), inner_size(size, MARGIN), Markup(""))
    return as_file(inner, _legend(figure), description(figure), size, MARGIN)


def name(figure: ParetoFigure) -> str:
    """What is drawn across, in words."""
    return NAMES.get(figure.objective, figure.objective.replace("_", " "))


def description(figure: ParetoFigure) -> str:
    """The figure in words."""
    total, first, last = plural(len(figure.cost), "individual"), figure.front[0], figure.front[-1]
    text = f"Pareto front: {figure.fitness_name.replace('_', ' ')} against {name(figure)} of {total}. "
    if first is last:
        return f"{text}One beats or equals all others in both: {_words(first)}."
    text += f"None beats these {count(len(figure.front))} in both: from {_words(first)} to {_words(last)}."
    if figure.share is None:
        return text
    linear = ", the cost taken as it is and not its logarithm" if scene(figure).across.log else ""
    return (
        f"{text} They dominate {100 * figure.share:.1f} % of the rectangle that all individuals span "
        f"(hypervolume{linear})."
    )


def legend(figure: ParetoFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    alive = int(figure.alive.sum())
    entries = [
        ("front", f"Pareto front ({count(len(figure.front))})", len(figure.front)),
        ("alive", f"population at the end ({count(alive)})", alive),
        ("dead", f"others ({count(len(figure.alive) - alive)})", len(figure.alive) - alive),
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


def _plot(figure: ParetoFigure, here: Scene, size: tuple[float, float], clicks: Markup) -> Markup:
    total = len(figure.cost)
    return Markup("").join(
        [
            _frame(figure, here),
            cloud(*_places(figure, here, ~figure.alive), "dead", total=total, size=size),
            cloud(*_places(figure, here, figure.alive), "alive", total=total, larger=1.2, size=size),
            _line(figure.front, here, size),
            clicks,
            *(_member(figure.front[place], here) for place in evenly(len(figure.front), MOST_MEMBERS)),
            *_numbers(figure.front, here),
        ]
    )


def _places(figure: ParetoFigure, here: Scene, chosen: NDArray[np.bool_]) -> tuple[Shares, Shares]:
    across = here.across.fractions(figure.cost[chosen] / here.size)
    return across, 1 - here.up.fractions(figure.fitness[chosen])


def _frame(figure: ParetoFigure, here: Scene) -> Markup:
    hidden = int((figure.fitness < here.up.low).sum())
    note = f"{count(hidden)} below {here.up.label(here.up.low)} on the edge" if hidden else ""
    across = f"{name(figure)}, {here.unit}" if here.unit else name(figure)
    return frame(here.across, here.up, across, figure.fitness_name.replace("_", " "), note)


def _line(front: list[Undominated], here: Scene, size: tuple[float, float]) -> Markup:
    across, down = size
    steps = [f"M{number(across * here.at(front[0].point)[0])} {number(down)}"]
    for x, y in (here.at(member.point) for member in front):
        steps.append(f"H{number(across * x)}V{number(down * y)}")
    return stretched(element("path", d="".join([*steps, f"H{number(across)}"]), class_="best-line"), size)


def _member(member: Undominated, here: Scene) -> Markup:
    x, y = map(percent, here.at(member.point))
    title = element("title", member.title)
    return element("circle", title, cx=x, cy=y, r=3.8, class_="lineage-dot", data_show=member.individual.number)


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


def _words(member: Undominated) -> str:
    return f"#{member.individual.number} ({fitness(member.point.fitness)} at {quantity(member.point.cost)})"
