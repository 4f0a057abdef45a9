"""A cell as SVG."""

import re
from itertools import pairwise

from markupsafe import Markup

from nas.reporting.drawings.svg import element, number, viewbox
from nas.reporting.figures.cell_changes import CellChange
from nas.reporting.figures.cells import (
    OP_HEIGHT,
    OP_WIDTH,
    STATE_HEIGHT,
    STATE_WIDTH,
    SUM_RADIUS,
    Cell,
    CellFigure,
    Edge,
    OpBox,
    StatePlace,
    state_name,
)

_FAMILIES = (("dil_", "dil"), ("sep_", "sep"), ("conv_", "conv"), ("avg_", "pool"), ("max_", "pool"), ("min_", "pool"))

SMALLEST = 0.7  # below this share of its size a page scrolls the drawing instead of shrinking it


def drawing(figure: CellFigure, change: CellChange | None = None) -> Markup:
    """The cell with its inputs at the bottom and its output on top; what is different by `change` is marked."""
    changed_ops = change.ops if change else ()
    left, right, upper = figure.concat
    middle = (left + right) / 2
    output = element(
        "g",
        element("rect", x=left, y=upper, width=right - left, height=STATE_HEIGHT, class_="state", rx=13),
        element("text", "concat", x=middle, y=upper + STATE_HEIGHT / 2 + 4, class_="label"),
        element("title", f"output: {_joined(figure.cell)}"),
    )
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *(element("path", d=_path(edge.points), class_=_edge_class(edge, change)) for edge in figure.edges),
        output,
        *map(_input, figure.inputs),
        *(_op(box, (box.state, box.element) in changed_ops) for box in figure.ops),
        *map(_sum, figure.sums),
        width=number(figure.width),
        height=number(figure.height),
        viewBox=viewbox(figure.width, figure.height),
        style=f"min-width:{number(SMALLEST * figure.width)}px",
        class_="figure cell",
        role="img",
        aria_label=description(figure.cell),
    )


def description(cell: Cell) -> str:
    """The cell in words."""
    return f"{cell.name.capitalize()} cell: {'; '.join(lines(cell))}."


def lines(cell: Cell) -> list[str]:
    """One sentence per state, and one for the output."""
    sums = [
        f"state {state} = " + " + ".join(f"{op} of {state_name(source)}" for op, source in zip(combo.ops, combo.inputs))  # noqa: B905
        for state, combo in enumerate(cell.combinations, start=2)
    ]
    return [*sums, f"output: {_joined(cell)}"]


def short(op: str) -> str:
    """An op's name as it fits its box: "dil_sep_conv_3x3" -> "dil 3×3"."""
    if op == "none":
        return "identity"
    rate = re.fullmatch(r"dil_(\d+)_conv_(\d+x\d+)", op)
    if rate:
        return f"{rate[2].replace('x', '×')} rate {rate[1]}"
    words = re.sub(r"^(dil_)?sep_conv_", lambda match: "dil " if match[1] else "sep ", op)
    words = words.replace("_pool_", " ").replace("_", " ")
    words = re.sub(r"(\d)x(\d)", r"\1×\2", words)
    return words.removeprefix("conv ") if words.count("×") > 1 else words


def _joined(cell: Cell) -> str:
    return f"concatenation of {', '.join(map(state_name, cell.concat))}"


def _input(place: StatePlace) -> Markup:
    x, y = place.x - STATE_WIDTH / 2, place.y - STATE_HEIGHT / 2
    classes = "state" if place.used else "state unused"
    return element(
        "g",
        element("rect", x=x, y=y, width=STATE_WIDTH, height=STATE_HEIGHT, rx=13, class_=classes),
        element("text", state_name(place.state), x=place.x, y=place.y + 4, class_="label"),
        element("title", ("the previous cell", "the cell before the previous")[place.state]),
    )


def _edge_class(edge: Edge, change: CellChange | None) -> str:
    if change is None:
        return "edge"
    read_anew = edge.kind == "reads" and (edge.state, edge.element) in change.inputs
    joined_anew = edge.kind == "joins" and edge.state in change.joined
    return "edge changed" if read_anew else "edge changed joined" if joined_anew else "edge"


def _op(box: OpBox, changed: bool) -> Markup:
    family = next((family for start, family in _FAMILIES if box.op.startswith(start)), "")
    mark = " changed" * changed
    classes = f"op {family}".strip() + mark
    return element(
        "g",
        element("rect", x=box.x, y=box.y, width=OP_WIDTH, height=OP_HEIGHT, rx=5, class_=classes),
        element("text", short(box.op), x=box.x + OP_WIDTH / 2, y=box.y + OP_HEIGHT / 2 + 4, class_="label" + mark),
        element("title", box.op),
        data_op=box.op,
    )


def _sum(place: StatePlace) -> Markup:
    arm = SUM_RADIUS * 0.5
    plus = f"M{number(place.x - arm)} {number(place.y)}h{number(2 * arm)}M{number(place.x)} {number(place.y - arm)}"
    return element(
        "g",
        element("circle", cx=place.x, cy=place.y, r=SUM_RADIUS, class_="state"),
        element("path", d=f"{plus}v{number(2 * arm)}", class_="sign"),
        element("text", str(place.state), x=place.x + SUM_RADIUS + 5, y=place.y - 2, class_="state-number"),
        element("title", f"state {place.state}: the sum of both"),
    )


def _path(points: tuple[tuple[float, float], ...]) -> str:
    """Bends between layers, upright past them."""
    x, y = points[0]
    parts = [f"M{number(x)} {number(y)}"]
    for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if index % 2:
            parts.append(f"V{number(y1)}")
        else:
            half = number((y0 + y1) / 2)
            parts.append(f"C{number(x0)} {half} {number(x1)} {half} {number(x1)} {number(y1)}")
    return "".join(parts)
