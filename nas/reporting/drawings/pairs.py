"""Two measurements of the same individuals against each other, as SVG."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis, low_end
from nas.reporting.drawings.cloud import FINE, click_area, cloud
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import count, fitness

WIDTH, HEIGHT = 640, 560  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 48, "bottom": 58}
MOST_CIRCLES = 60  # pairs, up to which each is an element of its own
_SHIFTS = ("1.5em", "-0.8em")  # labels of neighbours lie below and above

Size = tuple[float, float]


def plot(figure: PairsFigure) -> Markup:
    """The plot as a page shows it, without margins: axis labels stand outside its box."""
    return _plot(figure, (FINE, FINE), on_page=True)


def drawing(figure: PairsFigure) -> Markup:
    """The plot with its margins, as a file shows it."""
    size = (WIDTH, HEIGHT)
    return as_file(_plot(figure, inner_size(size, MARGIN), on_page=False), (), figure.words, size, MARGIN)


def axes(figure: PairsFigure) -> tuple[Axis, Axis]:
    """Across and up; one for both where they are the same quantity. A few far below the rest lie on the edges."""
    if figure.same:
        both = _axis(np.concatenate([figure.x, figure.y]))
        return both, both
    return _axis(figure.x), _axis(figure.y)


def _axis(values: np.ndarray) -> Axis:
    values = np.sort(values)
    low, high = low_end(values), float(values[-1])
    return axis(low - 0.06 * (high - low), high + 0.08 * (high - low), about=6)


def _plot(figure: PairsFigure, size: Size, on_page: bool) -> Markup:
    across, up = axes(figure)
    x, y = across.fractions(figure.x), 1 - up.fractions(figure.y)
    few = len(x) <= MOST_CIRCLES
    outside = int(((figure.x < across.low) | (figure.y < up.low)).sum())
    note = f"{count(outside)} on the edges" if outside else ""
    parts = [frame(across, up, figure.across, figure.up, note)]
    if figure.same:
        parts += _diagonal(figure.band, across, size)
    if few:
        parts += (_circle(figure, place, float(x[place]), float(y[place])) for place in range(len(x)))
    else:
        parts.append(cloud(x, y, "alive pair", total=len(x), size=size))
    if on_page and not few:
        parts.append(click_area(figure.numbers[figure.opens], x[figure.opens], y[figure.opens]))
    parts += _labels(figure, x, y)
    return Markup("").join(parts)


def _diagonal(band: float | None, along: Axis, size: Size) -> Iterator[Markup]:
    """Where both are equal, and what is within `band` of it, cut off at the edges."""
    width, height = size
    wide = (along.high - along.low) if band is None else min(band, along.high - along.low)

    def at(x: float, y: float) -> str:
        return f"{number(width * along.fraction(x))} {number(height * (1 - along.fraction(y)))}"

    low, high = along.low, along.high
    shapes = []
    if band is not None:
        corners = [
            (low, low), (low + wide, low), (high, high - wide), (high, high), (high - wide, high), (low, low + wide)
        ]  # fmt: skip
        shapes.append(element("path", d=f"M{'L'.join(at(*corner) for corner in corners)}Z", class_="pair-band"))
    shapes.append(element("path", d=f"M{at(low, low)}L{at(high, high)}", class_="diagonal"))
    yield stretched(Markup("").join(shapes), size)


def _circle(figure: PairsFigure, place: int, x: float, y: float) -> Markup:
    own = int(figure.numbers[place])
    title = (
        f"#{own} · {figure.across} {fitness(float(figure.x[place]))} · {figure.up} {fitness(float(figure.y[place]))}"
    )
    return element(
        "circle", element("title", title), cx=percent(x), cy=percent(y), r=4.2, class_="pair-dot", data_show=own
    )


def _labels(figure: PairsFigure, x: np.ndarray, y: np.ndarray) -> Iterator[Markup]:
    for order, (place, words) in enumerate(figure.marked.items()):
        across, down = percent(float(x[place])), percent(float(y[place]))
        end, shift = ("end", -11) if x[place] > 0.5 else ("start", 11)
        yield element(
            "g",
            element("circle", cx=across, cy=down, r=6.5, class_="best-ring"),
            element("text", words, x=across, y=down, dx=shift, dy=_SHIFTS[order % 2], class_=f"best-label {end}"),
            class_="best",
        )
