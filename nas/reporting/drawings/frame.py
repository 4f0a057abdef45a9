"""What plots share: grid, ticks and names of their axes, and the file with margins and legend around a plot."""

from collections.abc import Iterable, Iterator, Mapping

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.svg import element, percent, viewbox

LONG, LONG_SHIFT = 7, -9  # characters of a label, pixels


def grid(up: Axis) -> Iterator[Markup]:
    """A line across the plot for each tick of the axis up, with its label."""
    for tick in up.ticks:
        y = percent(1 - up.fraction(tick))
        yield element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")
        yield element("text", up.label(tick), x="0", y=y, dx="-10", dy="0.34em", class_="tick end")


def frame(across: Axis, up: Axis, across_name: str, up_name: str, note: str = "") -> Markup:
    """Both axes of a plot.

    Args:
        note: a remark below the axis across.
    """
    parts = list(grid(up))
    parts += labels_across(across)
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    parts += names(across_name, up_name)
    if note:
        parts.append(element("text", note, x="0", y="100%", dy="42", class_="note"))
    return element("g", *parts, aria_hidden="true")


def labels_across(across: Axis) -> Iterator[Markup]:
    """The label of each tick of the axis across, below it; a long one at the end stays inside the margin."""
    for tick in across.ticks:
        label, share = across.label(tick), across.fraction(tick)
        shift = LONG_SHIFT if len(label) > LONG and share > 0.98 else None
        yield element("text", label, x=percent(share), y="100%", dx=shift, dy="20", class_="tick middle")


def names(across_name: str, up_name: str) -> list[Markup]:
    """What both axes are."""
    return [name_up(up_name), name_across(across_name)]


def name_up(name: str) -> Markup:
    return element("text", name, x="0", y="0", dx="-44", dy="-20", class_="name")


def name_across(name: str) -> Markup:
    return element("text", name, x="100%", y="100%", dy="42", class_="name end")


def inner_size(size: tuple[int, int], margin: Mapping[str, int]) -> tuple[int, int]:
    """Width and height of the plot in a file of that size, pixels."""
    return size[0] - margin["left"] - margin["right"], size[1] - margin["top"] - margin["bottom"]


def as_file(
    plot: Markup,
    legend: Iterable[Markup],
    words: str,
    size: tuple[int, int],
    margin: Mapping[str, int],
    *further: Markup,
) -> Markup:
    """A plot with its margins and legend.

    Args:
        plot: in percentages of its box; axis labels stand outside of it.
        legend: stands in the upper margin.
        words: the figure in words.
        size: width and height of the file, pixels.
        margin: left, right, top and bottom, pixels.
        further: drawn over it.
    """
    width, height = inner_size(size, margin)
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *legend,
        element("svg", plot, x=margin["left"], y=margin["top"], width=width, height=height, overflow="visible"),
        *further,
        width=size[0],
        height=size[1],
        viewBox=viewbox(*size),
        class_="figure",
        role="img",
        aria_label=words,
    )
