"""Takeover as SVG: the population over the search, coloured by the last marked record holder in each member's line."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from nas.reporting import labels
from nas.reporting.columns import Floats
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.legend import row
from nas.reporting.drawings.log_axis import log_axis
from nas.reporting.drawings.percents import PERCENTS
from nas.reporting.drawings.svg import element, number, percent, viewbox
from nas.reporting.figures.takeover import Band, Holder, TakeoverFigure

WIDTH, HEIGHT = 900, 420  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 76, "bottom": 56}
FINE = (1000.0, 1000.0)  # the areas' own coordinates on a page, where they are stretched
SHADES = 8
LEAST_NAMED = 0.1  # share of the population, from which on an area has room for its number
LABEL_WIDTH, LABEL_HEIGHT = 0.15, 0.09  # shares of the plot that a number takes on a narrow screen


def plot(figure: TakeoverFigure, size: tuple[float, float] = FINE) -> Markup:
    """The plot alone, without margins.

    Args:
        size: what its areas are drawn at, if that is known: then nothing is stretched.
    """
    across = axes(figure)
    name = "evaluations, log scale" if figure.is_long else "evaluations"
    parts = [
        frame(across, PERCENTS, name, "population"),
        element("rect", width="100%", height="100%", class_="others"),
        _stretched(list(_areas(figure, across, size)), size),
        element("line", x1="0", x2="100%", y1="50%", y2="50%", class_="half"),
        *_names(figure, across),
    ]
    return Markup("").join(parts)


def drawing(figure: TakeoverFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, HEIGHT)
    picture = plot(figure, inner_size(size, MARGIN))
    return as_file(picture, row(legend(figure), symbol, MARGIN["left"]), description(figure), size, MARGIN)


def axes(figure: TakeoverFigure) -> Axis:
    """Evaluations, from the first child on."""
    if figure.is_long:
        return log_axis(figure.first, figure.told)
    return axis(figure.first, figure.told, about=5, whole=True)


def description(figure: TakeoverFigure) -> str:
    """The figure in words."""
    text = (
        f"Takeover: what the population descends from, from the first child (evaluation {labels.count(figure.first)}) "
        f"to evaluation {labels.count(figure.told)}. {_took_over(figure)}"
    )
    share = figure.winner.share
    living = f"{labels.percent(share)} of the population" if share else "nobody"
    return f"{text} At the end {living} descends from the best individual, #{figure.winner.number}."


def legend(figure: TakeoverFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [("won", f"descends from the best, #{figure.winner.number}"), ("none", "from none of those marked")]
    if len(figure.bands) > 1:
        entries.insert(0, ("holders", "descends from a record holder, later ones stronger"))
    return entries


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "holders":
        shades = (
            element("rect", x=1 + 6 * place, y=2, width=6, height=12, class_=f"clade d{2 * place + 1}")
            for place in range(4)
        )
        return Markup("").join(shades)
    return element("rect", x=1, y=2, width=24, height=12, class_="clade won" if kind == "won" else "others")


def shade(figure: TakeoverFigure, number: int) -> str:
    """CSS classes of a holder's area: the later, the stronger; the winner has a colour of its own."""
    if number == figure.winner.number:
        return "clade won"
    others = sorted(band.number for band in figure.bands if band.number != figure.winner.number)
    last = max(1, len(others) - 1)
    return f"clade d{round((SHADES - 1) * others.index(number) / last)}"


def _took_over(figure: TakeoverFigure) -> str:
    took, shown = figure.took_over, len(figure.holders)
    of = f"Of {labels.plural(figure.records, 'record holder')}"
    if shown < figure.records:
        of = f"Of the {shown} record holders with the largest rises (of {labels.count(figure.records)})"
    if not took:
        return f"{of}, none became the ancestor of half of the population."
    waits = [holder.half for holder in took if holder.half is not None]
    middle = float(np.median(waits))
    whole = sum(holder.whole is not None for holder in took) or "none"
    return (
        f"{of}, {len(took)} became the {'ancestor' if len(took) == 1 else 'ancestors'} of at least half of the "
        f"population, after a median of {labels.plural(round(middle), 'evaluation')}, and {whole} of all of it."
    )


def _stacked(figure: TakeoverFigure) -> Iterator[tuple[Band, Floats, Floats]]:
    """Each area with its lower and upper edge; what descends from a holder lies below it."""
    lower = np.zeros(len(figure.moments))
    for band in reversed(figure.bands):
        yield band, lower, lower + band.shares
        lower = lower + band.shares


def _areas(figure: TakeoverFigure, across: Axis, size: tuple[float, float]) -> Iterator[Markup]:
    wide, high = size
    x = [wide * across.fraction(moment) for moment in figure.moments.tolist()]
    known = {holder.number: holder for holder in figure.holders}
    for band, lower, upper in _stacked(figure):
        some = np.flatnonzero(band.shares > 0)
        if len(some):
            begin, end = max(0, int(some[0]) - 1), min(len(x), int(some[-1]) + 2)
            over = [f"{number(x[at])} {number(high * (1 - upper[at]))}" for at in range(begin, end)]
            under = [f"{number(x[at])} {number(high * (1 - lower[at]))}" for at in reversed(range(begin, end))]
            title = element("title", _title(known[band.number]))
            path = f"M{'L'.join(over + under)}Z"
            yield element("path", title, d=path, class_=shade(figure, band.number), data_show=band.number)


def _title(holder: Holder) -> str:
    return f"#{holder.number} · {labels.fitness(holder.fitness)} · told as {labels.count(holder.place)}"


def _stretched(areas: list[Markup], size: tuple[float, float]) -> Markup:
    box = viewbox(*size)
    return element("svg", *areas, width="100%", height="100%", viewBox=box, preserveAspectRatio="none")


def _names(figure: TakeoverFigure, across: Axis) -> Iterator[Markup]:
    """Numbers where areas are highest, if there is room."""
    taken: list[tuple[float, float]] = []
    for band, lower, upper in _stacked(figure):
        at = int(np.argmax(band.shares))
        x = min(0.93, max(0.07, across.fraction(int(figure.moments[at]))))
        y = float(1 - (lower[at] + upper[at]) / 2)
        crowded = any(abs(x - other) < LABEL_WIDTH and abs(y - far) < LABEL_HEIGHT for other, far in taken)
        if band.shares[at] >= LEAST_NAMED and not crowded:
            taken.append((x, y))
            yield element("text", f"#{band.number}", x=percent(x), y=percent(y), dy="0.34em", class_="clade-name")
