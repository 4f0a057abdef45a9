"""What the drawings of a comparison share: the look of an arm, the frame of a plot, and a plot as a file."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.svg import element, number, percent, viewbox

COLOURS = 8  # in figures/colours.css; further arms have the colours again, dashed or as rings
WIDTH, HEIGHT = 900, 520  # of a file, pixels
MARGIN = {"left": 74, "right": 28, "top": 44, "bottom": 60}


@dataclass(frozen=True, slots=True)
class Canvas:
    """The coordinates of a plot's lines: from 0 to its width and height, with so many decimals.

    On a page they are stretched to the space there is while strokes keep their width. A file has them in pixels, as not
    every renderer keeps the width of a stroke that is stretched.
    """

    width: float
    height: float
    digits: int

    def x(self, values: ArrayLike, along: Axis) -> list[float]:
        """Also beyond the axis."""
        return self._at(_fractions(values, along), self.width)

    def y(self, values: ArrayLike, along: Axis) -> list[float]:
        """Downwards from the axis's high end."""
        return self._at(1 - _fractions(values, along), self.height)

    def down(self, shares: ArrayLike) -> list[float]:
        """Shares of the height."""
        return self._at(np.asarray(shares, float), self.height)

    def lines(self, *paths: Markup) -> Markup:
        """Paths in these coordinates, cut off at the plot's edge."""
        box = viewbox(self.width, self.height)
        return element(
            "svg", *paths, width="100%", height="100%", viewBox=box, preserveAspectRatio="none", class_="lines"
        )

    def _at(self, fractions: NDArray[np.float64], length: float) -> list[float]:
        return np.round(length * fractions, self.digits).tolist()


PAGE = Canvas(2000, 2000, 0)


def file_canvas(height: float = HEIGHT) -> Canvas:
    """Of a file that is so high without its legend."""
    return Canvas(WIDTH - MARGIN["left"] - MARGIN["right"], height - MARGIN["top"] - MARGIN["bottom"], 1)


def arm_class(place: int) -> str:
    """CSS classes of an arm."""
    return f"a{place % COLOURS}" + (f" again{min(place // COLOURS, 2)}" if place >= COLOURS else "")


def symbol(place: int) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    return element(
        "g",
        element("path", d="M0 8H26", class_="arm-mean"),
        element("circle", cx=13, cy=8, r=4, class_="arm-dot"),
        class_=arm_class(place),
    )


def frame(across: Axis, up: Axis | None, name: str) -> Markup:
    """Grid and ticks of both axes; the title of the figure is the name of the axis up.

    Args:
        up: None where there are rows instead.
        name: of the axis across.
    """
    parts = []
    if up is not None:
        for tick in up.ticks:
            y = percent(1 - up.fraction(tick))
            parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
            parts.append(element("text", up.label(tick), x="0", y=y, dx="-8", dy="0.34em", class_="tick end"))
    for tick in across.ticks:
        x = percent(across.fraction(tick))
        if up is None:
            parts.append(element("line", x1=x, x2=x, y1="0", y2="100%", class_="grid"))
        parts.append(element("text", across.label(tick), x=x, y="100%", dy="18", class_="tick middle"))
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    parts.append(element("text", name, x="100%", y="100%", dy="38", class_="name end"))
    return element("g", *parts, aria_hidden="true")


def as_file(plot: Markup, arms: Sequence[tuple[int, str]], words: str, height: int = HEIGHT) -> Markup:
    """A plot with its margins and a legend.

    Args:
        plot: drawn in percentages; axis labels stand outside its box.
        arms: place and name of each.
        words: the figure in words.
        height: of the file without the legend.
    """
    entries, x, y = [], float(MARGIN["left"]), 14.0
    for place, name in arms:
        width = 33 + 6.6 * len(name)
        if x + width > WIDTH - MARGIN["right"] and x > MARGIN["left"]:
            x, y = float(MARGIN["left"]), y + 22
        entries.append(element("svg", symbol(place), x=x, y=y, width=26, height=16, overflow="visible"))
        entries.append(element("text", name, x=x + 33, y=y + 12.5, class_="legend"))
        x += width + 20
    top = y + 22 + MARGIN["top"] if arms else MARGIN["top"]
    inner = height - MARGIN["top"] - MARGIN["bottom"]
    whole = top + inner + MARGIN["bottom"]
    across = WIDTH - MARGIN["left"] - MARGIN["right"]
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *entries,
        element("svg", plot, x=MARGIN["left"], y=top, width=across, height=inner, overflow="visible"),
        width=WIDTH,
        height=whole,
        viewBox=viewbox(WIDTH, whole),
        class_="figure",
        role="img",
        aria_label=words,
    )


def dots(x: Sequence[float], y: Sequence[float], classes: str) -> Markup:
    """Points of a canvas as one path of lines without length: far smaller than an element each."""
    unique = dict.fromkeys(zip(x, y, strict=True))
    return element("path", d="".join(f"M{a:g} {b:g}h0" for a, b in unique), class_=classes)


def _fractions(values: ArrayLike, along: Axis) -> NDArray[np.float64]:
    return (np.asarray(values, float) - along.low) / (along.high - along.low)


def short(value: float) -> str:
    """An accuracy as it stands beside a mark."""
    return f"{value:.4f}" if abs(value) < 1000 else number(value)
