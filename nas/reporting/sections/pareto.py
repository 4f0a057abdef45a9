"""The Pareto front of a search by several objectives."""

from nas.reporting.drawings import pareto
from nas.reporting.figures.pareto import pareto_figure
from nas.reporting.front_table import front_table
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section


def section(material: Material) -> Section | None:
    figure = pareto_figure(material.history, material.fitness_name)
    if figure is None:
        return None
    body = render("sections/pareto.html.j2", front=figure, pareto=pareto, table=front_table(figure))
    return Section(name="pareto", title="Pareto front", body=body, figures=[("pareto", pareto.drawing(figure))])
