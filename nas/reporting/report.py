"""The report: one HTML page that needs nothing but itself, and its figures as SVG files (and PNG, see `png`).

Reads the journal and nothing else: neither test results nor anything that would have to be executed.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from nas.errors import UserError
from nas.reporting import labels
from nas.reporting.drawings import dna, evolution, evolution_file, pareto, progress, progress_words
from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.facts import Facts, facts, fitness_name
from nas.reporting.figures.dna import ImageShape, dna_layers, read_dna
from nas.reporting.figures.dna_places import DnaFigure, dna_figure
from nas.reporting.figures.evolution import EvolutionFigure, Marked, evolution_figure
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.figures.pareto import ParetoFigure, pareto_figure
from nas.reporting.figures.progress import ProgressFigure, progress_figure
from nas.reporting.figures.sample import Sample, sample
from nas.reporting.front_table import front_table
from nas.reporting.writing import write_figures, write_whole
from nas.search.history import History
from nas.search.individual import Individual

FILE_NAME = "report.html"
BEST_DRAWN = 3


@dataclass(frozen=True, slots=True)
class Architecture:
    """An individual's architecture: drawn where its space is known, else as the journal's text."""

    individual: Individual
    drawings: list[Drawing]
    text: str


@dataclass(frozen=True, slots=True)
class Evolution:
    """The evolution figure of a search of DNA, and the networks of those of its marked individuals that can be read."""

    figure: EvolutionFigure
    networks: list[tuple[Marked, DnaFigure]]


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
    history = History.load(run_folder)
    page = Path(out) if out is not None else history.path.parent / FILE_NAME
    drawn = sample(history)
    figure = progress_figure(history, fitness_name(history), drawn)
    shape = image_shape(history.identity)
    architectures = [_architecture(individual, shape) for individual in history.top(BEST_DRAWN)]
    evolved = _evolution(history, shape, drawn)
    front = pareto_figure(history, fitness_name(history))
    text = _page(history, facts(history), figure, front, evolved, architectures, drawn)
    try:
        write_figures(page.parent, _figures(figure, front, evolved, architectures))
        write_whole(page, text.encode())
    except OSError as error:
        raise UserError(f"the report {page} cannot be written: {error.strerror}") from error
    return page


def _figures(
    figure: ProgressFigure,
    front: ParetoFigure | None,
    evolved: Evolution | None,
    architectures: list[Architecture],
) -> Iterator[tuple[str, Markup]]:
    yield "progress", progress.drawing(figure)
    if front is not None:
        yield "pareto", pareto.drawing(front)
    if evolved is not None:
        yield "evolution", evolution_file.drawing(evolved.figure, evolved.networks)
    for rank, architecture in enumerate(architectures, start=1):
        for drawing in architecture.drawings:
            yield f"best-{rank}-{drawing.name}", drawing.image


def _page(
    history: History,
    known: Facts,
    figure: ProgressFigure,
    front: ParetoFigure | None,
    evolved: Evolution | None,
    architectures: list[Architecture],
    drawn: Sample,
) -> str:
    shown = _shown(history, drawn)
    script = files("nas.reporting").joinpath("templates", "report.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("nas.reporting"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        facts=known,
        architectures=architectures,
        figure=figure,
        front=front,
        pareto=pareto,
        front_table=front_table,
        evolved=evolved,
        evolution=evolution,
        dna=dna,
        plot=progress.plot(figure),
        legend=[(progress.symbol(kind), label) for kind, label in progress_words.legend(figure)],
        description=progress_words.description(figure),
        settings=yaml.safe_dump(dict(known.identity), sort_keys=False, allow_unicode=True),
        individuals=Markup(_packed(shown)),
        shown=len(shown),
        last=len(history.individuals) - 1,
        labels=labels,
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _evolution(history: History, shape: ImageShape | None, drawn: Sample) -> Evolution | None:
    """None for a search of anything but DNA."""
    if history.best is None or read_dna(history.best.genome) is None:
        return None
    figure = evolution_figure(history, fitness_name(history), drawn)
    read = ((marked, read_dna(marked.individual.genome)) for marked in figure.marked)
    networks = [(marked, dna_figure(dna_layers(genome, shape))) for marked, genome in read if genome is not None]
    return Evolution(figure, networks)


def _architecture(individual: Individual, shape: ImageShape | None) -> Architecture:
    genome = individual.genome
    text = json.dumps(genome, indent=1, ensure_ascii=False)
    return Architecture(individual, architecture_drawings(genome, shape), text)


def _shown(history: History, drawn: Sample) -> list[Individual]:
    """Those the page shows when they are chosen: all of them, or those that are drawn, where these are a sample."""
    if drawn.is_whole:
        return history.individuals
    return sorted([*(individual for _, individual in drawn.told), *drawn.failed], key=attrgetter("number"))


def _packed(shown: list[Individual]) -> str:
    """What the page shows of an individual when it is chosen, by number: JSON, gzip, base64."""
    rows = {individual.number: _row(individual) for individual in shown}
    data = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()


def _row(individual: Individual) -> dict[str, Any]:
    row: dict[str, Any] = {"state": individual.state.value, "genome": individual.genome}
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
