"""The architectures of the best individuals, that of the very best with its outer stack and a table of its layers."""

import json
from dataclasses import dataclass

from nas.reporting.drawings import dna, stack
from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.figures.layer_table import LayerTable, layer_table
from nas.reporting.figures.network import network_of
from nas.reporting.figures.stack import StackFigure, stack_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.individual import Individual

BEST_DRAWN = 3


@dataclass(frozen=True, slots=True)
class Architecture:
    """
    Attributes:
        individual: whose it is.
        drawings: of its genome; none where the space is not known.
        text: the genome as the journal has it.
    """

    individual: Individual
    drawings: list[Drawing]
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """What surrounds the best one's genome, where its network is known.

    Attributes:
        stack: the outer one; None for DNA.
        notes: sentences on the drawings.
        table: of the layers.
    """

    stack: Drawing | None
    notes: tuple[str, ...]
    table: LayerTable


def section(material: Material) -> Section | None:
    architectures = [_architecture(individual, material) for individual in material.history.top(BEST_DRAWN)]
    if not architectures:
        return None
    best, *others = architectures
    whole = _whole(best.individual, material)
    figures = [
        (f"best-{rank}-{drawing.name}", drawing.image)
        for rank, architecture in enumerate(architectures, start=1)
        for drawing in architecture.drawings
    ]
    if whole is not None and whole.stack is not None:
        figures.append(("best-1-stack", whole.stack.image))
    body = render("sections/architecture.html.j2", best=best, others=others, whole=whole, sizes=stack.sizes)
    return Section(name="architecture", title="The architecture", body=body, figures=figures)


def _architecture(individual: Individual, material: Material) -> Architecture:
    genome = individual.genome
    text = json.dumps(genome, indent=1, ensure_ascii=False)
    return Architecture(individual, architecture_drawings(genome, material.image_shape), text)


def _whole(individual: Individual, material: Material) -> Whole | None:
    network = network_of(material.history.identity, individual.genome)
    if network is None:
        return None
    table = layer_table(network, individual.genome, individual.metrics)
    figure = stack_figure(network)
    return Whole(None, dna.NOTES, table) if figure is None else Whole(_stack_drawing(figure), figure.notes, table)


def _stack_drawing(figure: StackFigure) -> Drawing:
    return Drawing("stack", "Outer stack", stack.drawing(figure), stack.width(figure), stack.lines(figure))
