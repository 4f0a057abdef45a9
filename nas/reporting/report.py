"""The report: one HTML page that needs nothing but itself, and its figures as SVG files (and PNG, see `png`).

Reads the journal, and beside it what is plain data: `config.yaml` as text, re-evaluations and retrainings of the
search, and sealed tests once it has finished. Nothing is executed, interpolated or unpickled.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nas.errors import UserError
from nas.reporting.collecting import paused_collection
from nas.reporting.facts import facts
from nas.reporting.material import Material
from nas.reporting.packing import pack
from nas.reporting.rendering import render, scripts, styles
from nas.reporting.sections import SECTIONS
from nas.reporting.sections.section import Section
from nas.reporting.writing import write_figures, write_whole
from nas.search.history import History

FILE_NAME = "report.html"


def write_report(run_folder: Path, out: Path | None = None) -> Path:
    """Writes a search's report and its figures, whether the search is finished or not.

    Args:
        run_folder: the run folder, or its journal.
        out: where the page goes; `report.html` in the run folder by default. Figures go to `figures/` beside it.

    Returns:
        The page.

    Raises:
        UserError: there is no journal, it is damaged, or the page cannot be written.
    """
    with paused_collection():
        material = Material(History.load(run_folder))
        sections = sections_of(material)
        text = page_of(material, sections)
    page = Path(out) if out is not None else material.history.path.parent / FILE_NAME
    try:
        write_figures(page.parent, (figure for section in sections for figure in section.figures))
        write_whole(page, text.encode())
    except OSError as error:
        raise UserError(f"the report {page} cannot be written: {error.strerror}") from error
    return page


def sections_of(material: Material) -> list[Section]:
    """Those that have something to show, in the order of the page."""
    made = (make(material) for make in SECTIONS)
    return [section for section in made if section is not None]


def page_of(
    material: Material, sections: Sequence[Section], template: str = "report/page.html.j2", **values: Any
) -> str:
    """The whole page; another template extends the one of the file, and gets `values` too."""
    places = {axis: moved for section in sections for axis, moved in section.places.items()}
    return render(
        template,
        facts=facts(material.history),
        sections=sections,
        individuals=Markup(pack(material.history, material.sample.shown(material.history), places)),
        total=len(material.history.individuals),
        image_shape=material.image_shape,
        styles=styles(),
        scripts=scripts(),
        **values,
    )
