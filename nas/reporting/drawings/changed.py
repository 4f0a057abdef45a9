"""The figures of a child in which what is different from its parent is marked."""

from typing import Any

from nas.reporting.drawings import bits, cells, dna
from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.figures.cell_changes import CellChange, CellsChange
from nas.reporting.figures.cells import cell_figure
from nas.reporting.figures.changes import BitsChange, Change
from nas.reporting.figures.dna import DnaLayers, ImageShape, dna_layers
from nas.reporting.figures.dna_changes import DnaChange
from nas.reporting.figures.dna_places import dna_figure

BITS_WIDTH = bits.LEFT + bits.PER_ROW * bits.PITCH + bits.MARGIN


def changed_drawings(genome: Any, change: Change, image_shape: ImageShape | None) -> list[Drawing]:
    """The figures of what has changed: same cells are left out, and of the same architecture there is none.

    Args:
        genome: the child's, in JSON form.
        change: against its parent.
        image_shape: channels, height, width, where they are known.
    """
    if change.same:
        return []
    if isinstance(change, CellsChange):
        return [_cell(cell) for cell in change.cells if not cell.same]
    if isinstance(change, DnaChange):
        figure = dna_figure(dna_layers(change.child, image_shape))
        image = dna.drawing(figure, _marks(change, figure.dna))
        return [Drawing("network", "Network", image, figure.width, dna.lines(figure.dna))]
    if isinstance(change, BitsChange):
        return [Drawing("bits", f"{len(genome)} bits", bits.drawing(genome, change.places), BITS_WIDTH, [genome])]
    return architecture_drawings(genome, image_shape)


def _cell(change: CellChange) -> Drawing:
    cell, figure = change.cell, cell_figure(change.cell)
    title = f"{cell.name.capitalize()} cell"
    return Drawing(cell.name, title, cells.drawing(figure, change), figure.width, cells.lines(cell))


def _marks(change: DnaChange, layers: DnaLayers) -> dna.Marks:
    """Layers of inserted and altered vertices, links over which something was removed, and new skips."""
    layer_of = layers.layer_of
    marked = {layer_of[vertex] for vertex in change.inserted}
    marked |= {layer_of[altered.vertex] for altered in change.altered}
    begins = {vertex: layer_of[vertex] != layer_of[vertex - 1] for vertex in change.gaps}
    skips = [(edge.source, edge.target) for edge in change.child.edges if edge.is_skip]
    return dna.Marks(
        layers=marked | {layer_of[vertex] for vertex in change.gaps if not begins[vertex]},
        skips={index for index, skip in enumerate(skips) if skip in change.skips},
        links={layer_of[vertex] - 1 for vertex in change.gaps if begins[vertex]},
    )
