"""A DNA's network as SVG, in the manner of the paper's figure 1 (Real et al. 2017, arXiv 1703.01041)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.svg import element, number, viewbox
from nas.reporting.figures.dna import DnaLayers, Layer
from nas.reporting.figures.dna_places import BOX_HEIGHT, DnaFigure, Point

SMALLEST = 0.8  # below this share of its size a page scrolls the drawing instead of shrinking it
ROUND = 5.0
NOTES = (
    "C: convolution, 3×3 with stride 1 unless it says otherwise; BN + R: batch norm and rectifier; blue: skips.",
    "64: output channels, where the images are not known ×1.5 of those before; /2: stride 2.",
)
_CLASSES = {"input": "state", "output": "state", "conv": "op conv", "pool": "op pool"}


@dataclass(frozen=True, slots=True)
class Marks:
    """Indices of layers, of skips and of links (from the layer of that index to the next) that are marked."""

    layers: Collection[int] = ()
    skips: Collection[int] = ()
    links: Collection[int] = ()


NO_MARKS = Marks()


def drawing(figure: DnaFigure, marks: Marks = NO_MARKS) -> Markup:
    """The network with its input at the bottom and its output on top."""
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        inside(figure, marks),
        width=number(figure.width),
        height=number(figure.height),
        viewBox=viewbox(figure.width, figure.height),
        style=f"min-width:{number(SMALLEST * figure.width)}px",
        class_="figure dna",
        role="img",
        aria_label=description(figure.dna),
    )


def inside(figure: DnaFigure, marks: Marks = NO_MARKS) -> Markup:
    """Boxes, links and skips alone, as a part of another drawing."""
    links = "".join(map(path, figure.links))
    changed = [element("path", d=path(figure.links[link]), class_="edge changed") for link in sorted(marks.links)]
    skips = [
        element(
            "g",
            element("path", d=path(points), class_="skip"),
            element("path", d=_arrow(points[-1]), class_="skip-end"),
            element("title", f"skip: {skip.label or 'identity'}"),
            class_="changed" if index in marks.skips else None,
            data_skip=f"{skip.source}-{skip.target}",
        )
        for index, (skip, points) in enumerate(zip(figure.dna.skips, figure.skips, strict=True))
    ]
    boxes = (
        _box(layer, corner, figure.box_width, " changed" * (index in marks.layers))
        for index, (layer, corner) in enumerate(zip(figure.dna.layers, figure.boxes, strict=True))
    )
    return Markup("").join([element("path", d=links, class_="edge"), *changed, *skips, *boxes])


def description(dna: DnaLayers) -> str:
    """The network in words."""
    return f"Network of learning rate {dna.learning_rate:.3g}: {'; '.join(lines(dna))}."


def lines(dna: DnaLayers) -> list[str]:
    """One sentence per layer, with what it reads besides the layer before it."""
    sentences = []
    for index, layer in enumerate(dna.layers):
        also = [
            f"{skip.source}{f' ({skip.label})' if skip.label else ''}" for skip in dna.skips if skip.target == index
        ]
        what = "sum" if layer.kind == "sum" else layer.label
        details = f", {layer.details.replace(' · ', ', ').replace('/', 'stride ')}" if layer.details else ""
        sentences.append(f"{index}: {what}{details}" + (f", reads also {', '.join(also)}" if also else ""))
    return sentences


def path(points: Iterable[Point], most: float = ROUND) -> str:
    """A polyline with rounded corners of this radius at most."""
    corners = list(points)
    parts = [f"M{_at(corners[0])}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(most, _length(before, corner) / 2, _length(corner, after) / 2)
        parts.append(f"L{_at(_towards(corner, before, radius))}Q{_at(corner)} {_at(_towards(corner, after, radius))}")
    return "".join([*parts, f"L{_at(corners[-1])}"])


def _box(layer: Layer, corner: Point, width: float, mark: str) -> Markup:
    x, y = corner
    text_y = y + BOX_HEIGHT / 2 + 4
    rounded = 10 if layer.kind in ("input", "output") else 4
    classes = _CLASSES.get(layer.kind, "op") + mark
    box = element("rect", x=x, y=y, width=width, height=BOX_HEIGHT, rx=rounded, class_=classes)
    if not layer.details:
        label = element("text", layer.label, x=x + width / 2, y=text_y, class_="label" + mark)
        return element("g", box, label, data_layer=layer.label)
    label = element("text", layer.label, x=x + 7, y=text_y, class_="label start" + mark)
    details = element("text", layer.details, x=x + width - 7, y=text_y, class_="details" + mark)
    return element("g", box, label, details, data_layer=layer.label)


def _arrow(tip: Point) -> str:
    x, y = tip
    return f"M{number(x)} {number(y)}l-5 -3v6z"


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])  # neighbours are upright or level


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = _length(start, end) or 1.0
    share = distance / length
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
