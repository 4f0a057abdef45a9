"""The figures of one architecture, whatever its space."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from nas.reporting.drawings import bits, cells, dna, nasbench201
from nas.reporting.figures.bits import is_bits
from nas.reporting.figures.cells import Cell, cell_figure, is_cells, read_cells
from nas.reporting.figures.dna import ImageShape, dna_layers, read_dna
from nas.reporting.figures.dna_places import DnaFigure, dna_figure
from nas.reporting.figures.nasbench201 import WIDTH, NasBench201Figure, nasbench201_figure


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure of one architecture: its file's name, what it shows, the SVG and its width, and the same in words."""

    name: str
    title: str
    image: Markup
    width: float
    words: list[str]


def architecture_drawings(genome: Any, image_shape: ImageShape | None) -> list[Drawing]:
    """The figures of a genome in JSON form, or of an architecture; none where its space is not known.

    Args:
        genome: of bits, cells, NAS-Bench-201 or DNA.
        image_shape: channels, height, width, where they are known.
    """
    if is_bits(genome):
        return [Drawing("bits", f"{len(genome)} bits", bits.drawing(genome), 0.0, [genome])]
    if is_cells(genome):
        try:
            return [_cell_drawing(cell) for cell in read_cells(genome)]
        except (ValueError, TypeError, KeyError):
            return []  # some other space with two cells
    cell = nasbench201_figure(genome)
    if cell is not None:
        return [_nasbench201_drawing(cell)]
    read = read_dna(genome)
    return [] if read is None else [_dna_drawing(dna_figure(dna_layers(read, image_shape)))]


def _cell_drawing(cell: Cell) -> Drawing:
    figure = cell_figure(cell)
    return Drawing(cell.name, f"{cell.name.capitalize()} cell", cells.drawing(figure), figure.width, cells.lines(cell))


def _nasbench201_drawing(figure: NasBench201Figure) -> Drawing:
    return Drawing("cell", "Cell", nasbench201.drawing(figure), WIDTH, nasbench201.lines(figure))


def _dna_drawing(figure: DnaFigure) -> Drawing:
    title = f"Network, learning rate {figure.dna.learning_rate:.3g}"
    return Drawing("network", title, dna.drawing(figure), figure.width, dna.lines(figure.dna))
