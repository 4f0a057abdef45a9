"""The change in fitness by mutation over the search as SVG: a small panel each, with a scale of its own.

Operators differ by far more than they change, so that a common scale would show nothing of most; how they compare is
seen from `nas.reporting.drawings.operators`, and from the identity, which every panel shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.estimates import extent, written
from nas.reporting.drawings.svg import element, number, percent, stretched, viewbox
from nas.reporting.figures.operators import Operator, OperatorsFigure, Stretch
from nas.reporting.labels import count

FINE = (1000.0, 1000.0)  # the lines' own coordinates on a page, where they are stretched
COLUMNS, PANEL = 3, (250, 130)  # of the file; pixels of a plot in it
GAP, EDGE, TOP = (66, 64), 62, 64  # between the plots of the file, left of them, above them; pixels


@dataclass(frozen=True, slots=True)
class Scene:
    """The axes of a panel: evaluations across, change of fitness up; and the size that its lines are drawn at."""

    across: Axis
    up: Axis
    size: tuple[float, float]

    def x(self, stretch: Stretch) -> float:
        """The middle of a stretch, as a share of the width."""
        return self.across.fraction((stretch.begin + stretch.end) / 2)


def panels(figure: OperatorsFigure) -> list[Operator]:
    """The mutations that are drawn: those whose change is known in at least two stretches, most children first."""
    shown = [operator for operator in figure.operators if len(operator.stretches) > 1]
    return sorted(shown, key=lambda operator: -operator.compared)


def scene(figure: OperatorsFigure, operator: Operator, size: tuple[float, float]) -> Scene:
    """Zero and the identity's means are on it."""
    also = [stretch.change.value for stretch in figure.identity.stretches] if figure.identity is not None else []
    up = extent([stretch.change for stretch in operator.stretches], 0.0, *also, about=4)
    return Scene(axis(figure.edges[0], figure.edges[-1], about=3, whole=True), up, size)


def plot(figure: OperatorsFigure, operator: Operator, size: tuple[float, float] = FINE) -> Markup:
    """One panel, without margins.

    Args:
        size: what its lines are drawn at, if that is known: then nothing is stretched.
    """
    here, identity = scene(figure, operator, size), figure.identity
    parts = [*_frame(here)]
    if identity is not None and identity is not operator:
        parts.append(_line(identity.stretches, here, "series dashed", "estimate reference"))
    kind = "estimate reference" if operator.is_identity else "estimate"
    parts += [_band(operator.stretches, here, kind), _line(operator.stretches, here, "series", kind)]
    parts += [_dot(stretch, here, kind) for stretch in operator.stretches]
    return Markup("").join(parts)


def drawing(figure: OperatorsFigure) -> Markup:
    """All panels, as a file shows them."""
    shown = panels(figure)
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    size = EDGE + columns * (PANEL[0] + GAP[0]) - 40, TOP + rows * (PANEL[1] + GAP[1]) - 10
    parts = [element("text", caption(figure), x=20, y=24, class_="legend")]
    for place, operator in enumerate(shown):
        x, y = EDGE + place % columns * (PANEL[0] + GAP[0]), TOP + place // columns * (PANEL[1] + GAP[1])
        title = f"{operator.name} (n = {count(operator.compared)})"
        parts.append(element("text", title, x=x, y=y - 12, class_="panel-name"))
        box = {"x": x, "y": y, "width": PANEL[0], "height": PANEL[1], "overflow": "visible"}
        parts.append(element("svg", plot(figure, operator, PANEL), **box))
    paper = element("rect", width="100%", height="100%", class_="paper")
    words = " ".join(description(operator) for operator in shown)
    whole = {"width": size[0], "height": size[1], "viewBox": viewbox(*size)}
    return element("svg", paper, *parts, class_="figure", role="img", aria_label=words, **whole)


def description(operator: Operator) -> str:
    """One panel in words."""
    first, last = operator.stretches[0], operator.stretches[-1]
    return (
        f"Mean change by {operator.name} over time: {written(first.change)} in evaluations {count(first.begin)} to "
        f"{count(first.end)}, {written(last.change)} in {count(last.begin)} to {count(last.end)}."
    )


def caption(figure: OperatorsFigure) -> str:
    """What all panels show."""
    text = f"Mean change in {len(figure.edges) - 1} equal stretches of the search; band: 95 % interval. Scales differ."
    return f"{text} Dashed: identity." if figure.identity is not None else text


def _frame(here: Scene) -> Iterator[Markup]:
    parts = []
    for tick in here.up.ticks:
        y = percent(1 - here.up.fraction(tick))
        zero = abs(tick) < 1e-12
        parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="zero" if zero else "grid"))
        label = here.up.label(abs(tick))
        sign = "" if zero else "−" if tick < 0 else "+"
        parts.append(element("text", sign + label, x="0", y=y, dx="-8", dy="0.34em", class_="tick end"))
    for share, place, anchor in ((0.0, here.across.low + 1, "tick"), (1.0, here.across.high, "tick end")):
        parts.append(element("text", count(place), x=percent(share), y="100%", dy="17", class_=anchor))
    yield element("g", *parts, aria_hidden="true")


def _point(here: Scene, stretch: Stretch, value: float) -> str:
    return f"{number(here.size[0] * here.x(stretch))} {number(here.size[1] * (1 - here.up.fraction(value)))}"


def _line(stretches: list[Stretch], here: Scene, line: str, kind: str) -> Markup:
    points = [_point(here, stretch, stretch.change.value) for stretch in stretches]
    return element("g", stretched(element("path", d=f"M{'L'.join(points)}", class_=line), here.size), class_=kind)


def _band(stretches: list[Stretch], here: Scene, kind: str) -> Markup:
    """Over neighbouring stretches with an interval."""
    runs: list[list[Stretch]] = [[]]
    for stretch in stretches:
        if stretch.change.low is None:
            runs.append([])
        else:
            runs[-1].append(stretch)
    shapes = [_shape(run, here) for run in runs if len(run) > 1]
    path = element("path", d="".join(shapes), class_="estimate-band")
    return element("g", stretched(path, here.size), class_=kind) if shapes else Markup("")


def _shape(run: list[Stretch], here: Scene) -> str:
    high = [_point(here, stretch, stretch.change.high or 0.0) for stretch in run]
    low = [_point(here, stretch, stretch.change.low or 0.0) for stretch in reversed(run)]
    return f"M{'L'.join(high + low)}Z"


def _dot(stretch: Stretch, here: Scene, kind: str) -> Markup:
    when = f"evaluations {count(stretch.begin)} to {count(stretch.end)}"
    title = f"{when}: {written(stretch.change)}, n = {count(stretch.count)}"
    y = percent(1 - here.up.fraction(stretch.change.value))
    known = "estimate-dot" if stretch.change.low is not None else "estimate-dot open"
    dot = element("circle", element("title", title), cx=percent(here.x(stretch)), cy=y, r=3.4, class_=known)
    return element("g", dot, class_=kind)
