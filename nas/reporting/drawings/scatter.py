"""Two measurements of the same genomes against each other, as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, grid
from nas.reporting.drawings.svg import element, percent
from nas.reporting.labels import plural

WIDTH, HEIGHT = 640, 560  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 76, "bottom": 58}
RADIUS, RING = 3.8, 7.0
_SHIFTS = ("1.5em", "-0.8em")  # labels of neighbours lie below and above


@dataclass(frozen=True, kw_only=True)
class Point:
    """A genome: both measurements, whether it was drawn at random, and what is shown on hovering."""

    x: float
    y: float
    random: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class ScatterFigure:
    """
    Attributes:
        points: at least one.
        across, up: names of the axes.
        marked: words beside points, by their place.
        note: a sentence above the plot.
    """

    points: Sequence[Point]
    across: str
    up: str
    marked: Mapping[int, str]
    note: str


def drawing(figure: ScatterFigure) -> Markup:
    """The plot with its margins and legend, as a file and a page show it."""
    return as_file(plot(figure), _legend(figure), description(figure), (WIDTH, HEIGHT), MARGIN)


def description(figure: ScatterFigure) -> str:
    """The figure in words."""
    return f"{plural(len(figure.points), 'genome')}: {figure.up} against {figure.across}. {figure.note}."


def plot(figure: ScatterFigure) -> Markup:
    """The plot alone; positions are percentages of its box."""
    across, up = _axis([point.x for point in figure.points]), _axis([point.y for point in figure.points])
    return Markup("").join([*_frame(figure, across, up), *_points(figure, across, up), *_labels(figure, across, up)])


def _axis(values: Sequence[float]) -> Axis:
    low, high = min(values), max(values)
    room = high - low
    return axis(low - 0.06 * room, high + 0.06 * room, about=6)


def _legend(figure: ScatterFigure) -> Iterator[Markup]:
    yield element("text", figure.note, x=MARGIN["left"], y=22, class_="legend")
    x = float(MARGIN["left"])
    for random, word in ((True, "random"), (False, "best of the search")):
        count = sum(point.random is random for point in figure.points)
        if count:
            label = f"{word} ({count})"
            yield _mark(x + 6, 41, random)
            yield element("text", label, x=x + 18, y=45, class_="legend")
            x += 40 + 6.2 * len(label)


def _mark(x: float | str, y: float | str, random: bool, *title: Markup) -> Markup:
    kind = "mark random" if random else "mark mutated"
    return element("circle", *title, cx=x, cy=y, r=RADIUS, class_=kind)


def _frame(figure: ScatterFigure, across: Axis, up: Axis) -> Iterator[Markup]:
    yield from grid(up)
    for tick in across.ticks:
        x = percent(across.fraction(tick))
        yield element("line", x1=x, x2=x, y1="0", y2="100%", class_="grid")
        yield element("text", across.label(tick), x=x, y="100%", dy="20", class_="tick middle")
    yield element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis")
    yield element("line", x1="0", x2="0", y1="0", y2="100%", class_="axis")
    yield element("text", figure.up, x="0", y="0", dx="-44", dy="-10", class_="name")
    yield element("text", figure.across, x="100%", y="100%", dy="42", class_="name end")


def _points(figure: ScatterFigure, across: Axis, up: Axis) -> Iterator[Markup]:
    for point in figure.points:
        x, y = percent(across.fraction(point.x)), percent(1 - up.fraction(point.y))
        yield _mark(x, y, point.random, element("title", point.title))


def _labels(figure: ScatterFigure, across: Axis, up: Axis) -> Iterator[Markup]:
    for order, (place, words) in enumerate(figure.marked.items()):
        point = figure.points[place]
        share = across.fraction(point.x)
        x, y = percent(share), percent(1 - up.fraction(point.y))
        end, shift = ("end", -11) if share > 0.5 else ("start", 11)
        yield element(
            "g",
            element("circle", cx=x, cy=y, r=RING, class_="best-ring"),
            element("text", words, x=x, y=y, dx=shift, dy=_SHIFTS[order % 2], class_=f"best-label {end}"),
            class_="best",
        )
