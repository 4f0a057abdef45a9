"""Means of arms over contexts as SVG: a column for each context, the arms beside each other."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting.drawings.arms import PAGE, Canvas, arm_class, as_file, file_canvas, short
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.svg import element, percent
from nas.reporting.figures.context_means import ContextMeansFigure

_GROUP = 0.5  # share of a column over which its arms stand
_SHORT = 6  # letters of a name, up to which neighbours have room in one line
CAPTION = "Points: mean over the runs of an arm; bars, from five runs on: ±2 standard errors; lines only lead the eye."


def plot(figure: ContextMeansFigure, canvas: Canvas = PAGE) -> Markup:
    """The plot alone, without margins."""
    up, columns = _up(figure), len(figure.contexts)
    parts = []
    for tick in up.ticks:
        y = percent(1 - up.fraction(tick))
        parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
        parts.append(element("text", up.label(tick), x="0", y=y, dx="-8", dy="0.34em", class_="tick end"))
    staggered = max(map(len, figure.contexts)) > _SHORT
    for place, name in enumerate(figure.contexts):
        x, down = percent((place + 0.5) / columns), 34 if staggered and place % 2 else 18
        parts.append(element("text", name, x=x, y="100%", dy=str(down), class_="tick middle"))
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    arms = [
        element("g", *_arm(figure, place, up, canvas), class_=arm_class(place)) for place in range(len(figure.arms))
    ]
    return element("g", *parts, aria_hidden="true") + Markup("").join(arms)


def drawing(figure: ContextMeansFigure, name: str) -> Markup:
    """The plot with its margins, title and legend, as a file shows it."""
    title = element("text", name, x="0", y="0", dx="-44", dy="-16", class_="name")
    return as_file(plot(figure, file_canvas()) + title, list(enumerate(figure.arms)), description(figure, name))


def description(figure: ContextMeansFigure, name: str) -> str:
    """The figure in words."""
    rows = []
    for place, context in enumerate(figure.contexts):
        means = (f"{arm} {short(own[place])}" for arm, own in zip(figure.arms, figure.means, strict=True))
        rows.append(f"{context}: {', '.join(means)}")
    return f"{name} by context. {'; '.join(rows)}."


def _up(figure: ContextMeansFigure) -> Axis:
    ends = [
        value + side * 2 * (error or 0.0)
        for means, errors in zip(figure.means, figure.errors, strict=True)
        for value, error in zip(means, errors, strict=True)
        for side in (-1, 1)
    ]
    room = max(ends) - min(ends)
    return axis(min(ends) - 0.06 * room, max(ends) + 0.06 * room, about=5)


def _arm(figure: ContextMeansFigure, place: int, up: Axis, canvas: Canvas) -> Iterator[Markup]:
    columns, arms = len(figure.contexts), len(figure.arms)
    shift = ((place + 0.5) / arms - 0.5) * _GROUP
    shares = [(column + 0.5 + shift) / columns for column in range(columns)]
    x, y = [round(canvas.width * share, 1) for share in shares], canvas.y(figure.means[place], up)
    line = "L".join(f"{a:g} {b:g}" for a, b in zip(x, y, strict=True))
    yield canvas.lines(element("path", d=f"M{line}", class_="arm-link"))
    for share, value, error, context in zip(
        shares, figure.means[place], figure.errors[place], figure.contexts, strict=True
    ):
        at = percent(share)
        if error is not None:
            ends = [percent(1 - up.fraction(value + side * 2 * error)) for side in (-1, 1)]
            yield element("line", x1=at, x2=at, y1=ends[0], y2=ends[1], class_="arm-bar")
        spread = "" if error is None else f" ± {error:.4f}"
        title = element("title", f"{figure.arms[place]}, {context}: {short(value)}{spread}")
        yield element("circle", title, cx=at, cy=percent(1 - up.fraction(value)), r=4.2, class_="arm-dot")
