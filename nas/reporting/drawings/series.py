"""One or two lines over the evaluations of a search as SVG, with what random genomes have beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame
from nas.reporting.drawings.svg import element, number, percent, stretched

WIDTH, HEIGHT = 640, 380  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 76, "bottom": 56}
FINE = 1000.0  # the lines' own coordinates run from 0 to this in both directions
KINDS = ("one", "two")


@dataclass(frozen=True, slots=True)
class Series:
    """
    Attributes:
        name: in the legend.
        values: one for each place.
        random: what random genomes have; None if that is not known.
    """

    name: str
    values: Sequence[float]
    random: float | None = None


@dataclass(frozen=True, slots=True)
class SeriesPlot:
    """
    Attributes:
        up_name: what the values are.
        up: their axis.
        places: in the order of telling.
        series: at most two.
        band: mean, low and high of random genomes; drawn instead of one value for each line.
        random_name: of what random genomes have, in the legend.
    """

    up_name: str
    up: Axis
    places: Sequence[int]
    series: Sequence[Series]
    random_name: str
    band: tuple[float, float, float] | None = None


def plot(figure: SeriesPlot) -> Markup:
    """The plot alone, without margins."""
    across = axis(figure.places[0], figure.places[-1], about=4, whole=True)
    parts = [*_band(figure), frame(across, figure.up, "evaluations", figure.up_name)]
    for series, kind in zip(figure.series, KINDS, strict=False):
        parts.append(element("g", *_lines(figure, series, across), class_=kind))
    return Markup("").join(parts)


def drawing(figure: SeriesPlot, words: str) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    return as_file(plot(figure), _legend(figure), words, (WIDTH, HEIGHT), MARGIN)


def legend(figure: SeriesPlot) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [(kind, series.name) for series, kind in zip(figure.series, KINDS, strict=False)]
    if figure.band is not None:
        return [*entries, ("band", figure.random_name)]
    return [*entries, ("random", figure.random_name)] if _has_random(figure) else entries


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "band":
        band = element("rect", x=1, y=2, width=24, height=12, class_="reference-band")
        return band + element("path", d="M1 8H25", class_="reference-line")
    if kind == "random":
        lines = (element("path", d=f"M1 {y}H25", class_=f"series dashed {own}") for y, own in ((5, "one"), (11, "two")))
        return Markup("").join(lines)
    return element("path", d="M1 8H25", class_=f"series {kind}")


def _has_random(figure: SeriesPlot) -> bool:
    return any(series.random is not None for series in figure.series)


def _band(figure: SeriesPlot) -> Iterator[Markup]:
    if figure.band is not None:
        mean, low, high = (1 - figure.up.fraction(value) for value in figure.band)
        yield element("rect", x="0", y=percent(high), width="100%", height=percent(low - high), class_="reference-band")
        yield element("line", x1="0", x2="100%", y1=percent(mean), y2=percent(mean), class_="reference-line")


def _lines(figure: SeriesPlot, series: Series, across: Axis) -> Iterator[Markup]:
    if series.random is not None:
        y = percent(1 - figure.up.fraction(series.random))
        yield element("line", x1="0", x2="100%", y1=y, y2=y, class_="series dashed")
    points = (
        f"{number(FINE * across.fraction(place))} {number(FINE * (1 - figure.up.fraction(value)))}"
        for place, value in zip(figure.places, series.values, strict=True)
    )
    yield stretched(element("path", d=f"M{'L'.join(points)}", class_="series"), (FINE, FINE))


def _legend(figure: SeriesPlot) -> Iterator[Markup]:
    x = float(MARGIN["left"])
    for kind, label in legend(figure):
        yield element("svg", symbol(kind), x=x, y=16, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 33, y=28.5, class_="legend")
        x += 51 + 6.2 * len(label)
