"""One or two lines over the evaluations of a search as SVG, with what random genomes have beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.legend import row
from nas.reporting.drawings.svg import element, number, percent, stretched

WIDTH, HEIGHT = 640, 380  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 76, "bottom": 56}
FINE = (1000.0, 1000.0)  # the lines' own coordinates on a page, where they are stretched
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


def plot(figure: SeriesPlot, size: tuple[float, float] = FINE) -> Markup:
    """The plot alone, without margins.

    Args:
        size: what its lines are drawn at, if that is known: then nothing is stretched.
    """
    across = axis(figure.places[0], figure.places[-1], about=5, whole=True)
    parts = [*_band(figure), frame(across, figure.up, "evaluations", figure.up_name)]
    for series, kind in zip(figure.series, KINDS, strict=False):
        parts.append(element("g", *_lines(figure, series, across, size), class_=kind))
    return Markup("").join(parts)


def drawing(figure: SeriesPlot, words: str) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, HEIGHT)
    picture = plot(figure, inner_size(size, MARGIN))
    return as_file(picture, row(legend(figure), symbol, MARGIN["left"]), words, size, MARGIN)


def legend(figure: SeriesPlot) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [(kind, series.name) for series, kind in zip(figure.series, KINDS, strict=False)]
    if figure.band is not None:
        return [*entries, ("band", figure.random_name)]
    with_random = [kind for kind, series in zip(KINDS, figure.series, strict=False) if series.random is not None]
    return [*entries, (f"random {' '.join(with_random)}", figure.random_name)] if with_random else entries


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "band":
        band = element("rect", x=1, y=2, width=24, height=12, class_="reference-band")
        return band + element("path", d="M1 8H25", class_="reference-line")
    if kind.startswith("random"):
        own = kind.split()[1:]
        heights = (8,) if len(own) == 1 else (5, 11)
        lines = (
            element("path", d=f"M1 {y}H25", class_=f"series dashed {which}")
            for y, which in zip(heights, own, strict=True)
        )
        return Markup("").join(lines)
    return element("path", d="M1 8H25", class_=f"series {kind}")


def _band(figure: SeriesPlot) -> Iterator[Markup]:
    if figure.band is not None:
        mean, low, high = (1 - figure.up.fraction(value) for value in figure.band)
        yield element("rect", x="0", y=percent(high), width="100%", height=percent(low - high), class_="reference-band")
        yield element("line", x1="0", x2="100%", y1=percent(mean), y2=percent(mean), class_="reference-line")


def _lines(figure: SeriesPlot, series: Series, across: Axis, size: tuple[float, float]) -> Iterator[Markup]:
    if series.random is not None:
        y = percent(1 - figure.up.fraction(series.random))
        yield element("line", x1="0", x2="100%", y1=y, y2=y, class_="series dashed")
    points = (
        f"{number(size[0] * across.fraction(place))} {number(size[1] * (1 - figure.up.fraction(value)))}"
        for place, value in zip(figure.places, series.values, strict=True)
    )
    yield stretched(element("path", d=f"M{'L'.join(points)}", class_="series"), size)
