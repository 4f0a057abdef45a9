"""The architectures of the best individuals."""

import json
from dataclasses import dataclass

from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.individual import Individual

BEST_DRAWN = 3


@dataclass(frozen=True, slots=True)
class Architecture:
    """An individual's architecture: drawn where its space is known, else as the journal's text."""

    individual: Individual
    drawings: list[Drawing]
    text: str


def section(material: Material) -> Section | None:
    architectures = [_architecture(individual, material) for individual in material.history.top(BEST_DRAWN)]
    if not architectures:
        return None
    figures = [
        (f"best-{rank}-{drawing.name}", drawing.image)
        for rank, architecture in enumerate(architectures, start=1)
        for drawing in architecture.drawings
    ]
    title = f"The best {'individual' if len(architectures) == 1 else 'individuals'}"
    body = render("sections/best.html.j2", architectures=architectures)
    return Section(name="best", title=title, body=body, figures=figures)


def _architecture(individual: Individual, material: Material) -> Architecture:
    genome = individual.genome
    text = json.dumps(genome, indent=1, ensure_ascii=False)
    return Architecture(individual, architecture_drawings(genome, material.image_shape), text)
