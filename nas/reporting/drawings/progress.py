"""The progress figure as SVG.

Positions inside the plot are percentages, so that on a page it takes the width it is given while type and marks keep
their size.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, grid, names
from nas.reporting.drawings.progress_words import description, drawn, legend
from nas.reporting.drawings.svg import element, number, percent, viewbox
from nas.reporting.figures.progress import Mark, ProgressFigure
from nas.reporting.labels import count, fitness

WIDTH, HEIGHT = 900, 490  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 88, "bottom": 56}
FINE = 1000.0  # the lines' own coordinates run from 0 to this in both directions
OUTLIER_SHARE, OUTLIER_GAP = 0.05, 0.3
DENSE = 4000  # marks, from which on they are fainter
TITLED = 2000  # of more marks the page's script alone says what they are: titles would be most of the page


def plot(figure: ProgressFigure) -> Markup:
    """The plot alone, without margins: axis labels stand outside its box."""
    across, up = axes(figure)
    return Markup("").join(
        [
            _frame(figure, across, up),
            _band(figure, across, up),
            _marks(figure, across, up, alive=False),
            _median(figure, across, up),
            _best_line(figure, across, up),
            _marks(figure, across, up, alive=True),
            _failures(figure, across),
            _best_label(figure, across, up),
        ]
    )


def drawing(figure: ProgressFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    note = (
        [element("text", drawn(figure), x=WIDTH / 2, y=HEIGHT - 14, class_="note middle")] if figure.is_sample else []
    )
    return as_file(plot(figure), _legend(figure), description(figure), (WIDTH, HEIGHT), MARGIN, *note)


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


def axes(figure: ProgressFigure) -> tuple[Axis, Axis]:
    """Evaluations across, fitness up.

    A few individuals far below the rest (diverged ones, say) would press all others together: they lie on the lower
    edge instead, when they are at most `OUTLIER_SHARE` of all and a gap of `OUTLIER_GAP` of the others' range sets
    them off.
    """
    across = axis(0, max(1, figure.told), about=5, whole=True)
    values = figure.values or [0.0, 1.0]
    low, high = values[0], values[-1]
    for below_gap, above_gap in pairwise(values[: int(len(values) * OUTLIER_SHARE) + 1]):
        if above_gap - below_gap > OUTLIER_GAP * (high - above_gap):
            low = above_gap
    room = high - low
    return across, axis(low - 0.06 * room, high + 0.09 * room, about=7)


def below(figure: ProgressFigure) -> int:
    """How many individuals lie below the axis; those that are drawn lie on its edge."""
    return bisect_left(figure.values, axes(figure)[1].low)


def _frame(figure: ProgressFigure, across: Axis, up: Axis) -> Markup:
    parts = list(grid(up))
    for tick in across.ticks:
        x = percent(across.fraction(tick))
        parts.append(element("line", x1=x, x2=x, y1="100%", y2="100%", class_="axis", transform="translate(0 0)"))
        label = across.label(tick)
        shift = -9 if len(label) > 7 and across.fraction(tick) > 0.98 else None  # else it leaves the page
        parts.append(element("text", label, x=x, y="100%", dx=shift, dy="20", class_="tick middle"))
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    parts += names("evaluations", figure.fitness_name.replace("_", " "))
    hidden = below(figure)
    if hidden:
        note = f"{count(hidden)} below {up.label(up.low)} on the edge"
        parts.append(element("text", note, x="0", y="100%", dy="42", class_="note"))
    return element("g", *parts, aria_hidden="true")


def _lines(*paths: Markup) -> Markup:
    box = viewbox(FINE, FINE)
    return element("svg", *paths, width="100%", height="100%", viewBox=box, preserveAspectRatio="none", class_="lines")


def _point(across: Axis, up: Axis, evaluation: float, value: float) -> str:
    return f"{number(FINE * across.fraction(evaluation))} {number(FINE * (1 - up.fraction(value)))}"


def _band(figure: ProgressFigure, across: Axis, up: Axis) -> Markup:
    if not figure.band:
        return Markup("")
    high = [_point(across, up, point.evaluation, point.high) for point in figure.band]
    low = [_point(across, up, point.evaluation, point.low) for point in reversed(figure.band)]
    return _lines(element("path", d=f"M{'L'.join(high + low)}Z", class_="band"))


def _median(figure: ProgressFigure, across: Axis, up: Axis) -> Markup:
    if not figure.band:
        return Markup("")
    points = [_point(across, up, point.evaluation, point.median) for point in figure.band]
    return _lines(element("path", d=f"M{'L'.join(points)}", class_="band-median"))


def _best_line(figure: ProgressFigure, across: Axis, up: Axis) -> Markup:
    if not figure.best:
        return Markup("")
    steps = [f"M{_point(across, up, *figure.best[0])}"]
    for evaluation, value in figure.best[1:]:
        steps.append(f"H{number(FINE * across.fraction(evaluation))}V{number(FINE * (1 - up.fraction(value)))}")
    return _lines(element("path", d="".join([*steps, f"H{number(FINE)}"]), class_="best-line"))


def _marks(figure: ProgressFigure, across: Axis, up: Axis, *, alive: bool) -> Markup:
    shown = [mark for mark in figure.marks if mark.alive is alive]
    titled = len(figure.marks) <= TITLED
    radius = _radius(len(figure.marks)) * (1.25 if alive else 1.0)
    state = "alive" if alive else "dead dense" if len(figure.marks) > DENSE else "dead"
    randoms = [_square(mark, across, up, radius, titled) for mark in shown if mark.random]
    mutated = [_dot(mark, across, up, radius, titled) for mark in shown if not mark.random]
    shift = f"translate({number(-radius)} {number(-radius)})"
    return _group(randoms, f"mark random {state}", shift) + _group(mutated, f"mark mutated {state}")


def _group(marks: list[Markup], classes: str, transform: str | None = None) -> Markup:
    return element("g", *marks, class_=classes, transform=transform) if marks else Markup("")


def _square(mark: Mark, across: Axis, up: Axis, radius: float, titled: bool) -> Markup:
    x, y = percent(across.fraction(mark.evaluation)), percent(1 - up.fraction(mark.fitness))
    return element("rect", *_title(mark, titled), x=x, y=y, width=2 * radius, height=2 * radius, data_show=mark.number)


def _dot(mark: Mark, across: Axis, up: Axis, radius: float, titled: bool) -> Markup:
    x, y = percent(across.fraction(mark.evaluation)), percent(1 - up.fraction(mark.fitness))
    return element("circle", *_title(mark, titled), cx=x, cy=y, r=radius, data_show=mark.number)


def _title(mark: Mark, titled: bool) -> list[Markup]:
    return [element("title", mark.title)] if titled else []


def _radius(marks: int) -> float:
    return 3.6 if marks <= 300 else 2.8 if marks <= 2000 else 2.0 if marks <= 8000 else 1.5


def _failures(figure: ProgressFigure, across: Axis) -> Markup:
    if not figure.failures:
        return Markup("")
    crosses = (
        element(
            "svg",
            element("path", element("title", failure.title), d="M-3 -9l6 6m0 -6l-6 6", data_show=failure.number),
            x=percent(across.fraction(failure.evaluation)),
            y="100%",
            overflow="visible",
        )
        for failure in figure.failures
    )
    return element("g", *crosses, class_="failure dense" if len(figure.failures) > 100 else "failure")


def _best_label(figure: ProgressFigure, across: Axis, up: Axis) -> Markup:
    if not figure.best:
        return Markup("")
    evaluation, value = figure.best[-1]
    x, y = across.fraction(evaluation), percent(1 - up.fraction(value))
    end, shift = ("end", 8) if x > 0.75 else ("middle", 0) if x > 0.25 else ("", -8)
    label = f"{fitness(value)} · #{figure.best_number}"
    return element(
        "g",
        element("circle", cx=percent(x), cy=y, r=6, class_="best-ring"),
        element("text", label, x=percent(x), y=y, dx=shift, dy="-12", class_=f"best-label {end}".strip()),
        class_="best",
    )
