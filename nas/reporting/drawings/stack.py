"""The outer stack of a network of cells as SVG: a column of boxes, the image below."""

from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.svg import element, number, viewbox
from nas.reporting.figures.stack import Shape, StackBox, StackFigure

BOX_HEIGHT, GAP, MARGIN = 28.0, 20.0, 12.0
CARD = 4.0  # how far the cards of equal blocks stand out
PADDING, BETWEEN = 12.0, 22.0
CHARACTER = 6.4  # pixels, on the safe side of most typefaces
SMALLEST = 0.9  # below this share of its size a page scrolls the drawing instead of shrinking it
_CLASSES = {
    "image": "state",
    "stem": "op conv",
    "reduction": "op dil",
    "residual": "op dil",
    "norm": "op",
    "pool": "op pool",
    "classifier": "state",
}


def drawing(figure: StackFigure) -> Markup:
    """The stack with the image at the bottom."""
    columns = _Columns.of(figure)
    height = len(figure.boxes) * (BOX_HEIGHT + GAP) - GAP + 2 * (MARGIN + CARD)
    middles = [height - MARGIN - BOX_HEIGHT / 2 - place * (BOX_HEIGHT + GAP) for place in range(len(figure.boxes))]
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        element("path", d=_links(figure, middles, MARGIN + columns.width / 2), class_="edge"),
        *(_box(box, middle, columns) for box, middle in zip(figure.boxes, middles, strict=True)),
        width=number(width(figure)),
        height=number(height),
        viewBox=viewbox(width(figure), height),
        style=f"min-width:{number(SMALLEST * width(figure))}px",
        class_="figure stack",
        role="img",
        aria_label=description(figure),
    )


def width(figure: StackFigure) -> float:
    """Of the drawing, pixels."""
    return _Columns.of(figure).width + 2 * (MARGIN + CARD)


def description(figure: StackFigure) -> str:
    """The stack in words."""
    return f"The network from the image to the output: {'; '.join(lines(figure))}."


def lines(figure: StackFigure) -> list[str]:
    """One sentence per box."""
    return [
        ", ".join(
            filter(
                None,
                (
                    _label(box),
                    f"{box.filters} filters" if box.filters else "",
                    f"puts out {sizes(box.shape)}" if box.shape and box.kind != "image" else sizes(box.shape),
                    "" if box.built else "not built, as nothing reads it",
                ),
            )
        )
        for box in figure.boxes
    ]


def sizes(shape: Shape | None) -> str:
    """(96, 32, 32) -> "96 · 32×32"; one pixel goes without saying."""
    if shape is None:
        return ""
    channels, height, width = shape
    return str(channels) if (height, width) == (1, 1) else f"{channels} · {height}×{width}"


def _label(box: StackBox) -> str:
    return f"{box.times} × {box.label}" if box.times > 1 else box.label


def _filters(box: StackBox) -> str:
    return f"F {box.filters}" if box.filters else ""


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands in a box, from left to right: widths of the label, the filters and the shape."""

    label: float
    filters: float
    shape: float

    @classmethod
    def of(cls, figure: StackFigure) -> "_Columns":
        texts = [(_label(box), _filters(box), sizes(box.shape)) for box in figure.boxes]
        return cls(*(CHARACTER * max(map(len, column)) for column in zip(*texts, strict=True)))

    @property
    def width(self) -> float:
        between = sum(BETWEEN for column in (self.filters, self.shape) if column)
        return 2 * PADDING + self.label + self.filters + self.shape + between


def _links(figure: StackFigure, middles: list[float], x: float) -> str:
    parts = []
    for box, lower, upper in zip(figure.boxes, middles, middles[1:], strict=False):
        start = lower - BOX_HEIGHT / 2 - (2 * CARD if box.times > 1 else 0)
        parts.append(f"M{number(x)} {number(start)}V{number(upper + BOX_HEIGHT / 2)}")
    return "".join(parts)


def _box(box: StackBox, middle: float, columns: _Columns) -> Markup:
    top, text_y, right = middle - BOX_HEIGHT / 2, middle + 4, MARGIN + columns.width - PADDING
    classes = _CLASSES.get(box.kind, "op sep") if box.built else "state unused"
    rounded = BOX_HEIGHT / 2 if box.kind in ("image", "classifier") else 5
    size = {"width": columns.width, "height": BOX_HEIGHT, "rx": rounded}
    cards = [
        element("rect", x=MARGIN + step * CARD, y=top - step * CARD, **size, class_=classes)
        for step in ((2, 1) if box.times > 1 else ())
    ]
    texts = (
        (_label(box), MARGIN + PADDING, "label start"),
        (_filters(box), right - columns.shape - BETWEEN, "details"),
        (sizes(box.shape), right, "details"),
    )
    return element(
        "g",
        *cards,
        element("rect", x=MARGIN, y=top, **size, class_=classes),
        *(element("text", text, x=x, y=text_y, class_=kind) for text, x, kind in texts if text),
        data_block=box.kind,
    )
