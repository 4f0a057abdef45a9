"""Accuracy and cost: fitness against multiply-adds, parameters and whatever else the search minimised."""

from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting import labels
from nas.reporting.drawings import pareto
from nas.reporting.figures.pareto import ParetoFigure, pareto_figures
from nas.reporting.front_table import front_table
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure with its table: what it is drawn against, the picture, and the picture in words."""

    figure: ParetoFigure
    name: str
    plot: Markup
    words: str
    table: Table


def section(material: Material) -> Section | None:
    figures = pareto_figures(material)
    if not figures:
        return None
    panels = [
        Panel(figure, pareto.name(figure), pareto.plot(figure), pareto.description(figure), front_table(figure))
        for figure in figures
    ]
    body = render("sections/tradeoff.html.j2", panels=panels, note=_note(material), pareto=pareto)
    drawings = [(f"pareto-{_file_name(figure.objective)}", pareto.drawing(figure)) for figure in figures]
    return Section(name="tradeoff", title="Accuracy and cost", body=body, figures=drawings)


def _note(material: Material) -> str:
    note = "A multiply-add is 2 FLOPs. A click on a mark opens the individual next to it."
    if material.sample.is_whole:
        return note
    shown = labels.count(len(material.sample.shown(material.history)))
    return f"{note} All are drawn, those at one place once; the page holds {shown} of them."


def _file_name(objective: str) -> str:
    """A metric's name comes from the journal, and a file's must not lead elsewhere."""
    return "".join(sign if sign.isalnum() else "-" for sign in objective)[:40]
