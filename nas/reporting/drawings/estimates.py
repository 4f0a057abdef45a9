"""Means with their intervals, as SVG and in words."""

from collections.abc import Callable, Iterable

from markupsafe import Markup

from nas.reporting import labels
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.svg import element, percent
from nas.reporting.intervals import Estimate

DOT = 4.6
ROOM = 0.06  # of the range, beyond the outermost


def written(estimate: Estimate | None, label: Callable[[float], str] = labels.change) -> str:
    """The estimate and its interval, numbers written by `label`; a dash for what is not known."""
    if estimate is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{label(estimate.value)} (–)"
    return f"{label(estimate.value)} ({label(estimate.low)} to {label(estimate.high)})"


def in_two_lines(estimate: Estimate | None, label: Callable[[float], str] = labels.change) -> str:
    """The same with the interval below, for a table's cell."""
    return written(estimate, label).replace(" (", "\n").rstrip(")")


def extent(estimates: Iterable[Estimate], *also: float, about: int = 5) -> Axis:
    """An axis over all values, and over intervals as far as they are not much wider than the values lie apart.

    Args:
        also: further values that the axis holds.
    """
    found = list(estimates)
    values = [*(estimate.value for estimate in found), *also]
    low, high = min(values), max(values)
    room = high - low or max((e.high - e.low for e in found if e.low is not None and e.high is not None), default=0.0)
    lows = [max(estimate.low, low - room) for estimate in found if estimate.low is not None]
    highs = [min(estimate.high, high + room) for estimate in found if estimate.high is not None]
    low, high = min([low, *lows]), max([high, *highs])
    return axis(low - ROOM * (high - low), high + ROOM * (high - low), about=about)


def lying(estimate: Estimate, across: Axis, y: str, title: Markup) -> Markup:
    """A dot on its interval, from left to right; without an interval a ring."""
    bar = [] if estimate.low is None or estimate.high is None else _lying_bar(estimate.low, estimate.high, across, y)
    dot = element(
        "circle",
        title,
        cx=percent(across.fraction(estimate.value)),
        cy=y,
        r=DOT,
        class_="estimate-dot" if bar else "estimate-dot open",
    )
    return Markup("").join([*bar, dot])


def standing(estimate: Estimate, x: str, up: Axis, title: Markup) -> Markup:
    """A dot on its interval, upright; without an interval a ring."""
    bar = []
    if estimate.low is not None and estimate.high is not None:
        ends = [percent(1 - up.fraction(value)) for value in (estimate.low, estimate.high)]
        bar = [element("line", x1=x, x2=x, y1=ends[0], y2=ends[1], class_="estimate-bar")]
    y = percent(1 - up.fraction(estimate.value))
    dot = element("circle", title, cx=x, cy=y, r=DOT, class_="estimate-dot" if bar else "estimate-dot open")
    return Markup("").join([*bar, dot])


def _lying_bar(low: float, high: float, across: Axis, y: str) -> list[Markup]:
    """Where the interval leaves the plot there is an arrow."""
    ends = [percent(across.fraction(value)) for value in (low, high)]
    parts = [element("line", x1=ends[0], x2=ends[1], y1=y, y2=y, class_="estimate-bar")]
    for end, side, beyond in zip(ends, (1, -1), (low < across.low, high > across.high), strict=True):
        if beyond:
            arrow = element("path", d=f"M{4 * side} -5L{-side} 0L{4 * side} 5", class_="estimate-cut")
            parts.append(element("svg", arrow, x=end, y=y, overflow="visible"))
    return parts
