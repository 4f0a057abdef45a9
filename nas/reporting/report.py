"""The report: one HTML page that needs nothing but itself, and its figures as SVG files (and PNG, see `png`).

Reads the journal and nothing else: neither test results nor anything that would have to be executed.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nas.errors import UserError
from nas.reporting.facts import facts
from nas.reporting.material import Material
from nas.reporting.rendering import render, scripts, styles
from nas.reporting.sections import SECTIONS
from nas.reporting.sections.section import Section
from nas.reporting.writing import write_figures, write_whole
from nas.search.history import History
from nas.search.individual import Individual

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
    material = Material(History.load(run_folder))
    page = Path(out) if out is not None else material.history.path.parent / FILE_NAME
    sections = sections_of(material)
    text = page_of(material, sections)
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


def page_of(material: Material, sections: Iterable[Section]) -> str:
    """The whole page."""
    return render(
        "report/page.html.j2",
        facts=facts(material.history),
        sections=sections,
        individuals=Markup(_packed(material.sample.shown(material.history), material.alive)),
        total=len(material.history.individuals),
        image_shape=material.image_shape,
        styles=styles(),
        scripts=scripts(),
    )


def _packed(shown: list[Individual], alive: Set[int]) -> str:
    """What the page shows of an individual when it is chosen, by number: JSON, gzip, base64."""
    rows = {individual.number: _row(individual, individual.number in alive) for individual in shown}
    data = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()


def _row(individual: Individual, alive: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"state": individual.state.value, "genome": individual.genome}
    if alive:
        row["alive"] = True
    if "updates" in individual.record:
        row["updates"] = individual.record["updates"]
    if individual.fitness is not None:
        row["fitness"] = individual.fitness
    if individual.parents:
        row["parents"] = individual.parents
    if individual.mutation is not None:
        row["mutation"] = [individual.mutation.name, dict(individual.mutation.details)]
    if individual.metrics:
        row["metrics"] = individual.metrics
    if individual.reason is not None:
        row["reason"] = individual.reason
    return row
