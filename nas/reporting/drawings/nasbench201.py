"""The cell of NAS-Bench-201 as SVG; edges without an op are faint."""

from markupsafe import Markup

from nas.reporting.drawings.dna import path
from nas.reporting.drawings.svg import element, number, viewbox
from nas.reporting.figures.nasbench201 import (
    HEIGHT,
    NODE_HEIGHT,
    NODE_RADIUS,
    NODE_WIDTH,
    NODES,
    OP_HEIGHT,
    OP_WIDTH,
    WIDTH,
    EdgePlace,
    NasBench201Figure,
    Point,
    node_name,
)

ROUND = 14.0
ABSENT = "none"  # gives zeros
_SHORT = {
    "skip_connect": ("skip", "op"),
    "nor_conv_1x1": ("conv 1×1", "op conv"),
    "nor_conv_3x3": ("conv 3×3", "op conv"),
    "avg_pool_3x3": ("avg 3×3", "op pool"),
}


def drawing(figure: NasBench201Figure) -> Markup:
    """The cell with its input at the bottom and its output on top."""
    edges = sorted(figure.edges, key=lambda edge: edge.op != ABSENT)  # the faint ones lie below
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *map(_line, edges),
        *map(_op, figure.edges),
        *(_node(node, place) for node, place in enumerate(figure.nodes)),
        width=number(WIDTH),
        height=number(HEIGHT),
        viewBox=viewbox(WIDTH, HEIGHT),
        style=f"min-width:{number(0.7 * WIDTH)}px",
        class_="figure cell",
        role="img",
        aria_label=f"Cell: {'; '.join(lines(figure))}.",
    )


def lines(figure: NasBench201Figure) -> list[str]:
    """One sentence per node."""
    sentences = []
    for node in range(1, NODES):
        terms = [
            f"{edge.op} of {node_name(edge.source)}"
            for edge in figure.edges
            if edge.target == node and edge.op != ABSENT
        ]
        sentences.append(f"{node_name(node)} = {' + '.join(terms) or 'zeros'}")
    return sentences


def _line(edge: EdgePlace) -> Markup:
    classes = "edge absent" if edge.op == ABSENT else "edge"
    return element("path", d=path(edge.points, ROUND), class_=classes)


def _op(edge: EdgePlace) -> Markup:
    x, y = edge.middle
    title = element("title", f"{node_name(edge.source)} to {node_name(edge.target)}: {edge.op}")
    if edge.op == ABSENT:
        text = element("text", "none", x=x, y=y + 4, class_="label absent")
        return element("g", text, title, data_op=edge.op)
    label, classes = _SHORT[edge.op]
    corner = {"x": x - OP_WIDTH / 2, "y": y - OP_HEIGHT / 2}
    return element(
        "g",
        element("rect", **corner, width=OP_WIDTH, height=OP_HEIGHT, rx=5, class_=classes),
        element("text", label, x=x, y=y + 4, class_="label"),
        title,
        data_op=edge.op,
    )


def _node(node: int, place: Point) -> Markup:
    x, y = place
    if node in (0, NODES - 1):
        corner = {"x": x - NODE_WIDTH / 2, "y": y - NODE_HEIGHT / 2}
        shape = element("rect", **corner, width=NODE_WIDTH, height=NODE_HEIGHT, rx=NODE_RADIUS, class_="state")
        return element("g", shape, element("text", node_name(node), x=x, y=y + 4, class_="label"))
    circle = element("circle", cx=x, cy=y, r=NODE_RADIUS, class_="state")
    return element("g", circle, element("text", str(node), x=x, y=y + 4, class_="label"))
