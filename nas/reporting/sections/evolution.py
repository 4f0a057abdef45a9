"""Figure 1 of the paper of 2017, for searches of DNA: every individual over time, and the best one's ancestors."""

from nas.reporting.drawings import dna, evolution, evolution_file
from nas.reporting.figures.dna import dna_layers, read_dna
from nas.reporting.figures.dna_places import dna_figure
from nas.reporting.figures.evolution import evolution_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section


def section(material: Material) -> Section | None:
    if material.best is None or read_dna(material.best.genome) is None:
        return None
    figure = evolution_figure(material.history, material.fitness_name, material.sample)
    read = ((marked, read_dna(marked.individual.genome)) for marked in figure.marked)
    networks = [
        (marked, dna_figure(dna_layers(genome, material.image_shape))) for marked, genome in read if genome is not None
    ]
    body = render("sections/evolution.html.j2", figure=figure, networks=networks, evolution=evolution, dna=dna)
    drawing = evolution_file.drawing(figure, networks)
    return Section(name="evolution", title="Evolution", body=body, figures=[("evolution", drawing)])
