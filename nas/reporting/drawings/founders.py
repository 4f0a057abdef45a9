"""Founders with living descendants as SVG: a step line, up to some time after all descend from one."""

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.founders import FoundersFigure
from nas.reporting.labels import count, plural

WIDTH, HEIGHT = 640, 380  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 48, "bottom": 56}
FINE = (1000.0, 1000.0)  # the line's own coordinates on a page, where it is stretched
BEYOND = 2.0  # times the way from the first child to fixation, that is drawn


def end(figure: FoundersFigure) -> int:
    """The last place that is drawn."""
    if figure.fixed is None or figure.new:
        return figure.told
    return min(figure.told, max(figure.first + 1, round(figure.first + BEYOND * (figure.fixed[0] - figure.first))))


def plot(figure: FoundersFigure, size: tuple[float, float] = FINE) -> Markup:
    """The plot alone, without margins.

    Args:
        size: what its line is drawn at, if that is known: then nothing is stretched.
    """
    most = max(alive for _, alive in figure.steps)
    across = axis(figure.first, end(figure), about=4, whole=True)
    up = axis(0, 1.08 * most, about=4, whole=True)
    parts = [frame(across, up, "evaluations", "founders with living descendants"), _line(figure, across, up, size)]
    if figure.fixed is not None:
        parts.append(_fixation(figure.fixed, across, up))
    return Markup("").join(parts)


def drawing(figure: FoundersFigure) -> Markup:
    """The plot with its margins, as a file shows it."""
    size = (WIDTH, HEIGHT)
    return as_file(plot(figure, inner_size(size, MARGIN)), [], description(figure), size, MARGIN)


def description(figure: FoundersFigure) -> str:
    """The figure in words."""
    text = (
        f"Founders: at the first child (evaluation {count(figure.first)}) the population goes back to "
        f"{plural(figure.steps[0][1], 'random individual')}."
    )
    if figure.fixed is None:
        return f"{text} At the end it goes back to {count(figure.left)}: no founder's descendants took over."
    place, founder = figure.fixed
    text += f" From evaluation {count(place)} on all descend from one of them, #{founder}."
    if figure.new:
        return f"{text} New random individuals came later, {count(figure.new)} in all."
    return f"{text} The rest of the search is not drawn." if end(figure) < figure.told else text


def _line(figure: FoundersFigure, across: Axis, up: Axis, size: tuple[float, float]) -> Markup:
    wide, high = size
    points = [(wide * across.fraction(place), high * (1 - up.fraction(alive))) for place, alive in figure.steps]
    steps = "".join(f"H{number(x)}V{number(y)}" for x, y in points[1:])
    path = element("path", d=f"M{number(points[0][0])} {number(points[0][1])}{steps}H{number(wide)}", class_="series")
    return element("g", stretched(path, size), class_="one")


def _fixation(fixed: tuple[int, int], across: Axis, up: Axis) -> Markup:
    """The name stands on top, where the line is long gone."""
    place, founder = fixed
    share, y = across.fraction(place), percent(1 - up.fraction(1))
    x, shift, anchor = percent(share), *((8, "best-label") if share <= 1 / BEYOND else (-8, "best-label end"))
    return element(
        "g",
        element("line", x1=x, x2=x, y1="0", y2=y, class_="reference-line"),
        element("circle", cx=x, cy=y, r=6, class_="best-ring"),
        element("text", f"all from #{founder}", x=x, y="0", dx=shift, dy="12", class_=anchor),
        data_show=founder,
    )
