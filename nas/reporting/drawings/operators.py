"""What each mutation does to fitness as SVG: a row each, the mean change and its interval."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.estimates import extent, lying, written
from nas.reporting.drawings.frame import as_file
from nas.reporting.drawings.legend import row
from nas.reporting.drawings.svg import element, percent
from nas.reporting.figures.operators import Operator, OperatorsFigure
from nas.reporting.intervals import Estimate
from nas.reporting.labels import change, count

ROW = 42  # pixels
MIDDLE = 0.7  # of a row, where its dot lies
WIDTH = 760  # of the file, pixels
MARGIN = {"left": 24, "right": 28, "top": 60, "bottom": 58}


def height(figure: OperatorsFigure) -> int:
    """Of the plot without its margins, pixels."""
    return ROW * len(figure.drawn)


def plot(figure: OperatorsFigure) -> Markup:
    """The plot alone, without margins."""
    across = extent([mean for _, mean in figure.drawn], 0.0)
    return Markup("").join([*_frame(figure, across), *_rows(figure, across)])


def drawing(figure: OperatorsFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, height(figure) + MARGIN["top"] + MARGIN["bottom"])
    return as_file(plot(figure), row(legend(figure), symbol, MARGIN["left"]), description(figure), size, MARGIN)


def description(figure: OperatorsFigure) -> str:
    """The figure in words."""
    rows = "; ".join(
        f"{operator.name} {written(mean)}, n = {count(operator.compared)}" for operator, mean in figure.drawn
    )
    return f"{caption(figure)} {rows}."


def caption(figure: OperatorsFigure) -> str:
    """What is drawn."""
    children = sum(operator.compared for operator in figure.operators)
    name = figure.fitness_name.replace("_", " ")
    return f"Mean change of {name} from parent to child by mutation, of {_children(children)}."


def legend(figure: OperatorsFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [("mean", "mean change, 95 % interval")]
    if any(mean.low is None for _, mean in figure.drawn):
        entries.append(("open", "too few parents for an interval"))
    identity = figure.identity
    if identity is not None and identity.change is not None:
        entries.append(("identity", f"identity ({change(identity.change.value)})"))
    return entries


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "identity":
        band = element("rect", x=6, y=1, width=14, height=14, class_="reference-band")
        return band + element("path", d="M13 1V15", class_="reference-line")
    bar = element("line", x1=2, x2=24, y1=8, y2=8, class_="estimate-bar") if kind == "mean" else Markup("")
    dot = element("circle", cx=13, cy=8, r=4.6, class_="estimate-dot" if kind == "mean" else "estimate-dot open")
    return element("g", bar, dot, class_="estimate")


def _children(number: int) -> str:
    return "1 child" if number == 1 else f"{count(number)} children"


def _frame(figure: OperatorsFigure, across: Axis) -> Iterator[Markup]:
    parts = []
    for tick in across.ticks:
        x = percent(across.fraction(tick))
        zero = abs(tick) < 1e-12
        parts.append(element("line", x1=x, x2=x, y1="0", y2="100%", class_="zero" if zero else "grid"))
        parts.append(element("text", _tick(tick, across), x=x, y="100%", dy="18", class_="tick middle"))
    identity = figure.identity
    if identity is not None and identity.change is not None:
        parts += _reference(identity.change, across)
    name = f"change of {figure.fitness_name.replace('_', ' ')}, child − parent"
    parts.append(element("text", name, x="100%", y="100%", dy="40", class_="name end"))
    yield element("g", *parts, aria_hidden="true")


def _tick(tick: float, across: Axis) -> str:
    return across.label(abs(tick)) if abs(tick) < 1e-12 else f"{'−' if tick < 0 else '+'}{across.label(abs(tick))}"


def _reference(estimate: Estimate, across: Axis) -> list[Markup]:
    middle = percent(across.fraction(estimate.value))
    line = element("line", x1=middle, x2=middle, y1="0", y2="100%", class_="reference-line")
    if estimate.low is None or estimate.high is None or estimate.low < across.low or estimate.high > across.high:
        return [line]  # a band without edges would be the ground of the plot
    low, high = across.fraction(estimate.low), across.fraction(estimate.high)
    band = element("rect", x=percent(low), y="0", width=percent(high - low), height="100%", class_="reference-band")
    return [band, line]


def _rows(figure: OperatorsFigure, across: Axis) -> Iterator[Markup]:
    rows = len(figure.drawn)
    for place, (operator, mean) in enumerate(figure.drawn):
        number = element("tspan", f"n = {count(operator.compared)}", dx="8", class_="row-count")
        top, y = percent(place / rows), percent((place + MIDDLE) / rows)
        yield element(
            "g",
            element("text", operator.name, number, x="0", y=top, dy="16", class_="row-name"),
            lying(mean, across, y, element("title", _title(operator, mean))),
            class_="estimate reference" if operator.is_identity else "estimate",
        )


def _title(operator: Operator, mean: Estimate) -> str:
    return f"{operator.name}: {written(mean)}, {_children(operator.compared)}"
