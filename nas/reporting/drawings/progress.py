"""The progress figure as SVG, over any of what was spent.

Positions inside the plot are percentages, so that on a page it takes the width it is given while type and marks keep
their size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings import progress_marks
from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.frame import as_file, grid, inner_size, name_across, name_up
from nas.reporting.drawings.progress_axes import EVALUATIONS, Across, across, below, up
from nas.reporting.drawings.progress_words import description, drawn, legend
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.progress import ProgressFigure
from nas.reporting.labels import count, fitness

WIDTH, HEIGHT = 900, 490  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 88, "bottom": 56}
FINE = (1000.0, 1000.0)  # the lines' own coordinates run from 0 to these


@dataclass(frozen=True, slots=True)
class Scene:
    """A figure over one axis.

    Attributes:
        size: what lines are drawn at. Those of a file are not stretched, as not every renderer keeps the width of a
            stretched stroke.
    """

    figure: ProgressFigure
    over: Across
    height: Axis
    size: tuple[float, float]

    def point(self, evaluation: int, value: float) -> tuple[str, str]:
        """Where a value lies, as coordinates."""
        x, y = self.over.fraction(evaluation), 1 - self.height.fraction(value)
        return number(self.size[0] * x), number(self.size[1] * y)


def plot(figure: ProgressFigure, axes: list[str] | None = None, file_size: tuple[float, float] | None = None) -> Markup:
    """The plot alone, without margins: axis labels stand outside its box.

    Args:
        figure: what is drawn.
        axes: what it can be seen over, the first at the beginning: evaluations alone by default. With several, what
            depends on the axis is drawn for each of them, in groups with its name; marks are drawn once, and a page
            moves them (`progress_marks.places`).
        file_size: of the plot in a file, where many marks need not be one by one; None on a page.
    """
    height = up(figure)
    scenes = [Scene(figure, across(figure, name), height, file_size or FINE) for name in axes or [EVALUATIONS]]
    over = scenes[0].over

    def each(draw: Callable[[Scene], Markup]) -> Markup:
        if len(scenes) == 1:
            return draw(scenes[0])
        return Markup("").join(
            element("g", draw(scene), data_axis=scene.over.name, class_=None if scene is scenes[0] else "off")
            for scene in scenes
        )

    def told(*, alive: bool) -> Markup:
        if file_size is None or len(figure.marks) <= progress_marks.TITLED:
            return progress_marks.told(figure, over, height, alive=alive)
        return progress_marks.told_as_clouds(figure, over, height, file_size, alive=alive)

    return Markup("").join(
        [
            _frame(figure, height, each(_ticks)),
            each(_band),
            told(alive=False),
            each(_median),
            each(_best_line),
            told(alive=True),
            progress_marks.failed(figure, over),
            each(_best_label),
        ]
    )


def drawing(figure: ProgressFigure, axis: str = EVALUATIONS) -> Markup:
    """The plot over one axis with its margins and legend, as a file shows it."""
    note = (
        [element("text", drawn(figure), x=WIDTH / 2, y=HEIGHT - 14, class_="note middle")] if figure.is_sample else []
    )
    inner = plot(figure, [axis], inner_size((WIDTH, HEIGHT), MARGIN))
    return as_file(inner, _legend(figure), description(figure), (WIDTH, HEIGHT), MARGIN, *note)


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


def _ticks(scene: Scene) -> Markup:
    axis = scene.over.axis
    parts = []
    for tick in axis.ticks:
        x = percent(axis.fraction(tick))
        label = axis.label(tick)
        shift = -9 if len(label) > 7 and axis.fraction(tick) > 0.98 else None  # else it leaves the page
        parts.append(element("text", label, x=x, y="100%", dx=shift, dy="20", class_="tick middle"))
    return Markup("").join([*parts, name_across(scene.over.unit.name)])


def _band(scene: Scene) -> Markup:
    band = scene.figure.band
    if not band:
        return Markup("")
    high = [" ".join(scene.point(point.evaluation, point.high)) for point in band]
    low = [" ".join(scene.point(point.evaluation, point.low)) for point in reversed(band)]
    return stretched(element("path", d=f"M{'L'.join(high + low)}Z", class_="band"), scene.size)


def _median(scene: Scene) -> Markup:
    if not scene.figure.band:
        return Markup("")
    points = [" ".join(scene.point(point.evaluation, point.median)) for point in scene.figure.band]
    return stretched(element("path", d=f"M{'L'.join(points)}", class_="band-median"), scene.size)


def _best_line(scene: Scene) -> Markup:
    best = scene.figure.best
    if not best:
        return Markup("")
    steps = ["M" + " ".join(scene.point(*best[0]))]
    steps += ["H{}V{}".format(*scene.point(*rise)) for rise in best[1:]]
    path = "".join([*steps, f"H{number(scene.size[0])}"])
    return stretched(element("path", d=path, class_="best-line"), scene.size)


def _best_label(scene: Scene) -> Markup:
    figure = scene.figure
    if not figure.best:
        return Markup("")
    evaluation, value = figure.best[-1]
    x, y = scene.over.fraction(evaluation), percent(1 - scene.height.fraction(value))
    end, shift = ("end", 8) if x > 0.75 else ("middle", 0) if x > 0.25 else ("", -8)
    label = f"{fitness(value)} · #{figure.best_number}"
    return element(
        "g",
        element("circle", cx=percent(x), cy=y, r=6, class_="best-ring"),
        element("text", label, x=percent(x), y=y, dx=shift, dy="-12", class_=f"best-label {end}".strip()),
        class_="best",
    )
