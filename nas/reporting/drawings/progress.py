"""The progress figure as SVG, over any of what was spent.

Positions inside the plot are percentages, so that on a page it takes the width it is given while type and marks keep
their size.
"""

from collections.abc import Callable, Iterator

from markupsafe import Markup

from nas.reporting.drawings import progress_marks
from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.frame import as_file, grid, name_across, name_up
from nas.reporting.drawings.progress_axes import EVALUATIONS, Across, across, below, up
from nas.reporting.drawings.progress_words import description, drawn, legend
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.progress import ProgressFigure
from nas.reporting.labels import count, fitness

WIDTH, HEIGHT = 900, 490  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 88, "bottom": 56}
FINE = (1000.0, 1000.0)  # the lines' own coordinates run from 0 to these


def plot(figure: ProgressFigure, axes: list[str] | None = None) -> Markup:
    """The plot alone, without margins: axis labels stand outside its box.

    Args:
        figure: what is drawn.
        axes: what it can be seen over, the first at the beginning: evaluations alone by default. With several, what
            depends on the axis is drawn for each of them, in groups with its name; marks are drawn once, and a page
            moves them (`progress_marks.places`).
    """
    shown, height = [across(figure, name) for name in axes or [EVALUATIONS]], up(figure)

    def each(draw: Callable[[ProgressFigure, Across, Axis], Markup]) -> Markup:
        drawings = (draw(figure, one, height) for one in shown)
        if len(shown) == 1:
            return Markup("").join(drawings)
        return Markup("").join(
            element("g", drawing, data_axis=one.name, class_=None if one is shown[0] else "off")
            for one, drawing in zip(shown, drawings, strict=True)
        )

    return Markup("").join(
        [
            _frame(figure, height, each(_ticks)),
            each(_band),
            progress_marks.told(figure, shown[0], height, alive=False),
            each(_median),
            each(_best_line),
            progress_marks.told(figure, shown[0], height, alive=True),
            progress_marks.failed(figure, shown[0]),
            each(_best_label),
        ]
    )


def drawing(figure: ProgressFigure, axis: str = EVALUATIONS) -> Markup:
    """The plot over one axis with its margins and legend, as a file shows it."""
    note = (
        [element("text", drawn(figure), x=WIDTH / 2, y=HEIGHT - 14, class_="note middle")] if figure.is_sample else []
    )
    return as_file(plot(figure, [axis]), _legend(figure), description(figure), (WIDTH, HEIGHT), MARGIN, *note)


def _legend(figure: ProgressFigure) -> Iterator[Markup]:
    x, y = float(MARGIN["left"]), 18.0
    for kind, label in legend(figure):
        width = 31 + 6.2 * len(label)
        if x + width > WIDTH - MARGIN["right"]:
            x, y = float(MARGIN["left"]), y + 21
        yield element("svg", symbol(kind), x=x, y=y, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 31, y=y + 12.5, class_="legend")
        x += width + 18


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "random":
        return element("rect", x=9, y=4, width=8, height=8, class_="mark random")
    if kind == "mutated":
        return element("circle", cx=13, cy=8, r=4.2, class_="mark mutated")
    if kind == "alive":
        return element("rect", x=2, y=4, width=8, height=8, class_="mark random alive") + element(
            "circle", cx=19, cy=8, r=4.6, class_="mark mutated alive"
        )
    if kind == "best":
        return element("path", d="M1 12H9V4H25", class_="best-line")
    if kind == "band":
        return element("rect", x=1, y=2, width=24, height=12, class_="band") + element(
            "path", d="M1 8H25", class_="band-median"
        )
    return element("path", d="M9 4l8 8m0-8l-8 8", class_="failure")


def _frame(figure: ProgressFigure, height: Axis, ticks: Markup) -> Markup:
    parts = [*grid(height), ticks]
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    parts.append(name_up(figure.fitness_name.replace("_", " ")))
    hidden = below(figure)
    if hidden:
        note = f"{count(hidden)} below {height.label(height.low)} on the edge"
        parts.append(element("text", note, x="0", y="100%", dy="42", class_="note"))
    return element("g", *parts, aria_hidden="true")


def _ticks(figure: ProgressFigure, over: Across, height: Axis) -> Markup:
    parts = []
    for tick in over.axis.ticks:
        x = percent(over.axis.fraction(tick))
        label = over.axis.label(tick)
        shift = -9 if len(label) > 7 and over.axis.fraction(tick) > 0.98 else None  # else it leaves the page
        parts.append(element("text", label, x=x, y="100%", dx=shift, dy="20", class_="tick middle"))
    return Markup("").join([*parts, name_across(over.unit.name)])


def _point(over: Across, height: Axis, evaluation: int, value: float) -> str:
    return f"{number(FINE[0] * over.fraction(evaluation))} {number(FINE[1] * (1 - height.fraction(value)))}"


def _band(figure: ProgressFigure, over: Across, height: Axis) -> Markup:
    if not figure.band:
        return Markup("")
    high = [_point(over, height, point.evaluation, point.high) for point in figure.band]
    low = [_point(over, height, point.evaluation, point.low) for point in reversed(figure.band)]
    return stretched(element("path", d=f"M{'L'.join(high + low)}Z", class_="band"), FINE)


def _median(figure: ProgressFigure, over: Across, height: Axis) -> Markup:
    if not figure.band:
        return Markup("")
    points = [_point(over, height, point.evaluation, point.median) for point in figure.band]
    return stretched(element("path", d=f"M{'L'.join(points)}", class_="band-median"), FINE)


def _best_line(figure: ProgressFigure, over: Across, height: Axis) -> Markup:
    if not figure.best:
        return Markup("")
    steps = [f"M{_point(over, height, *figure.best[0])}"]
    for evaluation, value in figure.best[1:]:
        x, y = FINE[0] * over.fraction(evaluation), FINE[1] * (1 - height.fraction(value))
        steps.append(f"H{number(x)}V{number(y)}")
    return stretched(element("path", d="".join([*steps, f"H{number(FINE[0])}"]), class_="best-line"), FINE)


def _best_label(figure: ProgressFigure, over: Across, height: Axis) -> Markup:
    if not figure.best:
        return Markup("")
    evaluation, value = figure.best[-1]
    x, y = over.fraction(evaluation), percent(1 - height.fraction(value))
    end, shift = ("end", 8) if x > 0.75 else ("middle", 0) if x > 0.25 else ("", -8)
    label = f"{fitness(value)} · #{figure.best_number}"
    return element(
        "g",
        element("circle", cx=percent(x), cy=y, r=6, class_="best-ring"),
        element("text", label, x=percent(x), y=y, dx=shift, dy="-12", class_=f"best-label {end}".strip()),
        class_="best",
    )
