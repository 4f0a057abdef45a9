"""The layers of a DNA as the paper's figure 1 names them (Real et al. 2017, arXiv 1703.01041): what a drawing shows.

The DNA describes itself, so nothing but the journal is needed. "C" is a convolution, "BN + R" a batch norm and a
rectifier; an activation that only passes on what the one before it has makes no layer of its own.
"""

from dataclasses import dataclass
from typing import Any, Literal

from nas.errors import UserError
from nas.search_spaces.dna_graph import Conv, Dna
from nas.search_spaces.dna_json import dna_from_json
from nas.search_spaces.dna_shapes import Shape, plan_dna

Kind = Literal["input", "conv", "norm", "sum", "pool", "output"]
ImageShape = tuple[int, int, int]
DEFAULT_KERNEL = (3, 3)


@dataclass(frozen=True, slots=True)
class Layer:
    """
    Attributes:
        kind: what it is first of all.
        label: as in the paper, "C + BN + R".
        details: what is not the default: "64 · 5×3 · /2" are 64 channels, filters of 5 rows and 3 columns and a stride
            of 2; without a known image "×1.5" are the channels as a multiple of those before.
    """

    kind: Kind
    label: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """From the output of one layer into another above it; `label` is empty for an identity."""

    source: int
    target: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class DnaLayers:
    """
    Attributes:
        learning_rate: of the DNA.
        layers: from the input to the output.
        skips: between indices of layers, in the order of the DNA's edges.
        layer_of: for each vertex, the index of the layer that stands for it.
    """

    learning_rate: float
    layers: tuple[Layer, ...]
    skips: tuple[Skip, ...]
    layer_of: tuple[int, ...]


def read_dna(genome: Any) -> Dna | None:
    """A genome in JSON form, None if it is no DNA."""
    try:
        return dna_from_json(genome)
    except (UserError, TypeError):
        return None


def dna_layers(dna: Dna, image_shape: ImageShape | None = None) -> DnaLayers:
    """The layers of a DNA.

    Args:
        dna: a valid one.
        image_shape: channels, height and width of the images; None if unknown.
    """
    reader = _Reader(dna, _shapes(dna, image_shape))
    return DnaLayers(dna.learning_rate, reader.layers(), reader.skips(), tuple(reader.layer_of))


class _Reader:
    """Groups vertices: those that one layer stands for are neighbours, and nothing joins or leaves between them."""

    def __init__(self, dna: Dna, shapes: list[Shape] | None) -> None:
        self.dna, self.shapes = dna, shapes
        self.in_edges = dna.in_edges()
        sources = {edge.source for edge in dna.edges if edge.is_skip}
        self.layer_of: list[int] = []
        self.starts: list[int] = []
        left = False  # whether a skip reads what the layer has by now
        for position, vertex in enumerate(dna.vertices):
            rectified = vertex.type == "bn_relu"
            if position == 0 or self._joins(position) or (rectified and (left or self.layer_of[-1] == 0)):
                self.starts.append(position)
                left = False
            self.layer_of.append(len(self.starts) - 1)
            left = left or position in sources

    def _joins(self, position: int) -> bool:
        edges = self.in_edges[position]
        return len(edges) > 1 or edges[-1].conv is not None

    def layers(self) -> tuple[Layer, ...]:
        ends = [*self.starts[1:], len(self.dna.vertices)]
        found = [self._layer(start, end) for start, end in zip(self.starts, ends, strict=True)]
        size = _size(self.shapes[-1]) if self.shapes else ""
        return (*found, Layer("pool", "Global Pool", size), Layer("output", "Output"))

    def skips(self) -> tuple[Skip, ...]:
        return tuple(
            Skip(self.layer_of[edge.source], self.layer_of[edge.target], self._skip_label(edge.conv))
            for edge in self.dna.edges
            if edge.is_skip
        )

    def _skip_label(self, conv: Conv | None) -> str:
        return "" if conv is None else f"C {_sides(conv.kernel)} /{conv.stride}"

    def _layer(self, start: int, end: int) -> Layer:
        norms = sum(vertex.type == "bn_relu" for vertex in self.dna.vertices[start:end])
        rectified = ["BN + R" if norms == 1 else f"(BN + R)×{norms}"] if norms else []
        if start == 0:
            image = self.shapes[0] if self.shapes else None
            return Layer(
                "input", " + ".join(["Input", *rectified]), f"{image.channels} · {_size(image)}" if image else ""
            )
        conv = self.in_edges[start][-1].conv
        if conv is None:
            return Layer("norm" if norms else "sum", " + ".join(rectified) or "+")
        return Layer("conv", " + ".join(["C", *rectified]), self._details(conv, start))

    def _details(self, conv: Conv, position: int) -> str:
        factor = f"{conv.depth_factor:.3g}"
        channels = str(self.shapes[position].channels) if self.shapes else f"×{factor}" if factor != "1" else ""
        kernel = _sides(conv.kernel) if conv.kernel != DEFAULT_KERNEL else ""
        stride = f"/{conv.stride}" if conv.stride > 1 else ""
        return " · ".join(filter(None, (channels, kernel, stride)))


def _shapes(dna: Dna, image_shape: ImageShape | None) -> list[Shape] | None:
    if image_shape is None:
        return None
    try:
        return [vertex.shape for vertex in plan_dna(dna, image_shape)]
    except OverflowError:
        return None  # more channels than a float holds: no evaluator that builds the network was asked


def _size(shape: Shape) -> str:
    return _sides((shape.height, shape.width))


def _sides(sides: tuple[int, int]) -> str:
    return f"{sides[0]}×{sides[1]}"
