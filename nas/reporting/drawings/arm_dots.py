"""Every run of a comparison as a dot, an arm in a row, as SVG."""

from markupsafe import Markup

from nas.reporting.drawings.arms import MARGIN, PAGE, Canvas, arm_class, as_file, dots, file_canvas, frame, short
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.svg import element, percent
from nas.reporting.figures.arm_dots import ArmDots, DotsFigure
from nas.reporting.labels import plural

ROW = 58  # pixels of an arm
MOST_TITLED = 60  # runs of an arm, each of which tells its seed
_SPREAD = 0.34  # of a row, over which dots are spread that would lie over each other
_GOLDEN = 0.618034


def height(figure: DotsFigure) -> int:
    """Of the plot without its margins, in pixels."""
    return ROW * len(figure.arms)


def plot(figure: DotsFigure, name: str, canvas: Canvas = PAGE) -> Markup:
    """The plot alone, without margins.

    Args:
        name: of the measure.
    """
    across = _across(figure)
    joins = [
        _joined(figure.arms[one], figure.arms[other], across, len(figure.arms), canvas) for one, other in figure.joined
    ]
    parts = [frame(across, None, name)]
    if joins:
        parts.append(canvas.lines(element("path", d="".join(joins), class_="joined")))
    parts += [_arm(arm, across, len(figure.arms), canvas) for arm in figure.arms]
    return Markup("").join(parts)


def drawing(figure: DotsFigure, name: str) -> Markup:
    """The plot with its margins, as a file shows it."""
    whole = height(figure) + MARGIN["top"] + MARGIN["bottom"]
    return as_file(plot(figure, name, file_canvas(whole)), [], description(figure, name), whole)


def description(figure: DotsFigure, name: str) -> str:
    """The figure in words."""
    arms = [
        f"{arm.name} {short(arm.mean)}"
        + ("" if arm.error is None else f" ± {arm.error:.4f}")
        + f" ({plural(len(arm.values), 'run')})"
        for arm in figure.arms
    ]
    return f"{name}, mean ± standard error: {'; '.join(arms)}."


def caption(figure: DotsFigure) -> str:
    """What is drawn."""
    joined = " Lines join runs of a seed that began with the same population." if figure.joined else ""
    bar = "; bar: ±2 standard errors of it" if any(arm.error is not None for arm in figure.arms) else ""
    return f"A dot for each run. Stroke: mean of an arm{bar}.{joined}"


def _across(figure: DotsFigure) -> Axis:
    values = [value for arm in figure.arms for value in arm.values]
    ends = [arm.mean + side * 2 * (arm.error or 0.0) for arm in figure.arms for side in (-1, 1)]
    low, high = min(values + ends), max(values + ends)
    room = high - low
    return axis(low - 0.05 * room, high + 0.05 * room, about=5)


def _middle(arm: ArmDots, rows: int) -> float:
    return (arm.place + 0.64) / rows


def _heights(arm: ArmDots, rows: int) -> list[float]:
    """As shares of the plot: spread over the row, the same at every call."""
    few = len(arm.values) <= 1
    return [
        _middle(arm, rows) + (0.0 if few else ((index * _GOLDEN) % 1 - 0.5) * _SPREAD / rows)
        for index in range(len(arm.values))
    ]


def _arm(arm: ArmDots, across: Axis, rows: int, canvas: Canvas) -> Markup:
    middle, heights = _middle(arm, rows), _heights(arm, rows)
    marks: list[Markup] = []
    if len(arm.values) <= MOST_TITLED:
        for seed, value, at in zip(arm.seeds, arm.values, heights, strict=True):
            title = element("title", f"{arm.name}, seed {seed}: {short(value)}")
            x = percent(across.fraction(value))
            marks.append(element("circle", title, cx=x, cy=percent(at), r=3.6, class_="arm-dot faint"))
    else:
        marks.append(canvas.lines(dots(canvas.x(arm.values, across), canvas.down(heights), "arm-points")))
    if arm.error is not None:
        low, high = (percent(across.fraction(arm.mean + side * 2 * arm.error)) for side in (-1, 1))
        marks.append(element("line", x1=low, x2=high, y1=percent(middle), y2=percent(middle), class_="arm-interval"))
    x = percent(across.fraction(arm.mean))
    marks.append(
        element("svg", element("path", d="M0 -13V13", class_="arm-stroke"), x=x, y=percent(middle), overflow="visible")
    )
    label = f"{arm.name}  {short(arm.mean)}" + ("" if arm.error is None else f" ± {arm.error:.4f}")
    marks.append(element("text", label, x="0", y=percent(arm.place / rows), dy="13", class_="row-label"))
    return element("g", *marks, class_=arm_class(arm.place))


def _joined(first: ArmDots, second: ArmDots, across: Axis, rows: int, canvas: Canvas) -> str:
    """Lines between the runs of a seed."""
    ends = [zip(canvas.x(arm.values, across), canvas.down(_heights(arm, rows)), strict=True) for arm in (first, second)]
    return "".join(f"M{x:g} {y:g}L{to_x:g} {to_y:g}" for (x, y), (to_x, to_y) in zip(*ends, strict=True))
