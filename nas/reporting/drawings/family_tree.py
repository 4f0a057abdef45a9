"""A family tree as SVG.

Across, positions are percentages, so that on a page the tree takes the width it is given; rows have pixels.
"""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.family_tree_words import description, drawn, legend
from nas.reporting.drawings.frame import as_file, labels_across
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.family_tree import FamilyTree, Node, Stroke

WIDTH = 1120  # of the file, pixels
MARGIN = {"left": 24, "right": 24, "top": 60, "bottom": 52}
LEAST_PITCH, MOST_PITCH, WANTED_HEIGHT = 4.5, 16.0, 560.0  # of a row, and of all together
FINE = 1000.0  # the strokes' own coordinates across run from 0 to this, where the width is not known
RING = 6.5


def height(tree: FamilyTree) -> float:
    """Of the plot, pixels."""
    return tree.rows * pitch(tree)


def pitch(tree: FamilyTree) -> float:
    """Between rows, pixels."""
    return min(MOST_PITCH, max(LEAST_PITCH, WANTED_HEIGHT / max(1, tree.rows)))


def plot(tree: FamilyTree, width: float = FINE) -> Markup:
    """The plot alone, without margins; the axis stands outside its box.

    Args:
        tree: what is drawn.
        width: what it is drawn at, if that is known: then nothing is stretched.
    """
    across = axis(0, max(1, tree.told), about=6, whole=True)
    return Markup("").join(
        [
            _axis(across),
            _strokes(tree, across, width),
            *_nodes(tree, across),
            _ring(tree, across),
        ]
    )


def drawing(tree: FamilyTree) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, round(height(tree)) + MARGIN["top"] + MARGIN["bottom"])
    note = [element("text", drawn(tree), x=WIDTH / 2, y=size[1] - 12, class_="note middle")] if tree.is_sample else []
    inner = element("g", plot(tree, WIDTH - MARGIN["left"] - MARGIN["right"]), class_="tree")
    return as_file(inner, _legend(tree), description(tree), size, MARGIN, *note)


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "random":
        mark = element("rect", x=9, y=4, width=8, height=8, class_="mark random")
    elif kind == "failure":
        mark = element("path", d="M9.5 4.5l7 7m0-7l-7 7", class_="failure")
    elif kind == "skips":
        mark = element("path", d="M1 8H25", class_="descent skips")
    elif kind == "ancestor":
        dot = element("circle", cx=9, cy=8, r=3.4, class_="mark mutated ancestor")
        mark = element("path", d="M1 8H25", class_="descent ancestor") + dot
    elif kind == "best":
        dot = element("circle", cx=13, cy=8, r=3.4, class_="mark mutated ancestor")
        mark = dot + element("circle", cx=13, cy=8, r=RING, class_="best-ring")
    else:
        mark = element("circle", cx=13, cy=8, r=4, class_=f"mark mutated {kind}")
    return element("g", mark, class_="tree")


def _legend(tree: FamilyTree) -> Iterator[Markup]:
    x = float(MARGIN["left"])
    for kind, label in legend(tree):
        yield element("svg", symbol(kind), x=x, y=14, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 31, y=26.5, class_="legend")
        x += 49 + 6.2 * len(label)


def _axis(across: Axis) -> Markup:
    parts = []
    for tick in across.ticks:
        x = percent(across.fraction(tick))
        parts.append(element("line", x1=x, x2=x, y1="-8", y2="100%", class_="grid"))
    parts += labels_across(across)
    parts.append(element("line", x1="0", x2="100%", y1="100%", y2="100%", class_="axis"))
    parts.append(element("text", "evaluations", x="100%", y="100%", dy="42", class_="name end"))
    return element("g", *parts, aria_hidden="true")


def _strokes(tree: FamilyTree, across: Axis, width: float) -> Markup:
    paths = []
    for ancestor in (False, True):
        for skips in (False, True):
            strokes = [stroke for stroke in tree.strokes if (stroke.ancestor, stroke.skips) == (ancestor, skips)]
            if strokes:
                classes = "descent" + " ancestor" * ancestor + " skips" * skips
                paths.append(element("path", d=_path(strokes, tree, across, width), class_=classes))
    return stretched(Markup("").join(paths), (width, height(tree))) if paths else Markup("")


def _path(strokes: Iterable[Stroke], tree: FamilyTree, across: Axis, width: float) -> str:
    parts, here = [], None
    for stroke in strokes:
        (x, y), (end_x, end_y) = (
            (f"{width * across.fraction(born):.1f}", f"{_y(row, tree):.1f}") for born, row in (stroke.start, stroke.end)
        )
        if stroke.start != here:
            parts.append(f"M{x} {y}")
        parts.append(f"H{end_x}" if y == end_y else f"V{end_y}")
        here = stroke.end
    return "".join(parts)


def _nodes(tree: FamilyTree, across: Axis) -> Iterator[Markup]:
    """The dead first, the living and the ancestors of the best over them."""
    radius = 3.6 if len(tree.nodes) <= 300 else 2.3
    for ancestor in (False, True):
        for kind in ("failed", "dead", "pending", "alive"):
            for founder in (False, True):
                nodes = [
                    node for node in tree.nodes if (node.ancestor, node.kind, node.founder) == (ancestor, kind, founder)
                ]
                if not nodes:
                    continue
                size = radius * (1.25 if kind == "alive" or ancestor else 1.0)
                classes = "failure" if kind == "failed" else f"mark {'random' if founder else 'mutated'} {kind}"
                if kind == "failed":
                    made = [_cross(node, tree, across, size) for node in nodes]
                elif founder:
                    made = [_square(node, tree, across, size) for node in nodes]
                else:
                    made = [_dot(node, tree, across, size) for node in nodes]
                yield element("g", *made, class_=classes + " ancestor" * ancestor)


def _dot(node: Node, tree: FamilyTree, across: Axis, radius: float) -> Markup:
    x, y = percent(across.fraction(node.born)), _y(node.row, tree)
    return element("circle", element("title", node.title), cx=x, cy=y, r=radius, data_show=node.number)


def _square(node: Node, tree: FamilyTree, across: Axis, radius: float) -> Markup:
    x, y = percent(across.fraction(node.born)), number(_y(node.row, tree) - radius)
    title, shift = element("title", node.title), f"translate({number(-radius)} 0)"
    return element("rect", title, x=x, y=y, width=2 * radius, height=2 * radius, transform=shift, data_show=node.number)


def _cross(node: Node, tree: FamilyTree, across: Axis, radius: float) -> Markup:
    arm = number(2 * radius)
    path = f"M{number(-radius)} {number(-radius)}l{arm} {arm}m0 -{arm}l-{arm} {arm}"
    cross = element("path", element("title", node.title), d=path, data_show=node.number)
    return element("svg", cross, x=percent(across.fraction(node.born)), y=_y(node.row, tree), overflow="visible")


def _ring(tree: FamilyTree, across: Axis) -> Markup:
    """Around the best."""
    for node in tree.nodes:
        if tree.best is not None and node.number == tree.best.number:
            x, y = percent(across.fraction(node.born)), _y(node.row, tree)
            return element("g", element("circle", cx=x, cy=y, r=RING, class_="best-ring"), class_="best")
    return Markup("")


def _y(row: int, tree: FamilyTree) -> float:
    return (row + 0.5) * pitch(tree)
