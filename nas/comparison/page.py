"""The page of a comparison: one HTML file that needs nothing but itself, and its figures as SVG (and PNG) files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from nas.comparison import page_words
from nas.comparison.checklist import TABLES, Answer
from nas.comparison.curves import AXES, MEASURES
from nas.comparison.page_tables import Table, cost_table, found_table, means_table, pairs_table
from nas.comparison.page_tuning import tuned_arms
from nas.comparison.results import Comparison, Context, Judgement, moment, paired_arms
from nas.comparison.study import ONLY
from nas.errors import UserError
from nas.reporting import labels
from nas.reporting.drawings import arm_curves, arm_dots, arms, final_models
from nas.reporting.drawings.units import Unit, unit
from nas.reporting.figures.arm_curves import RUNS_DRAWN, CurvesFigure, curves_figure
from nas.reporting.figures.arm_dots import dots_figure
from nas.reporting.figures.final_models import models_figure
from nas.reporting.writing import FIGURES, write_figures, write_whole

FILE_NAME = "comparison.html"
PAGE_POINTS = 160_000  # of single runs in all figures of a page, 6 bytes each
LEAST_POINTS, MOST_POINTS = 12, 150  # of one run in one figure


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, as the page and as a file show it.

    Attributes:
        name: of its file, without the ending.
        title: above it.
        plot: without margins.
        words: what it shows, for those who do not see it.
        caption: how it is to be read.
        height: of the plot in pixels; None leaves it to the stylesheet.
        drawing: with margins and legend.
    """

    name: str
    title: str
    plot: Markup
    words: str
    caption: str
    height: int | None
    drawing: Markup


@dataclass(frozen=True, kw_only=True)
class Part:
    """What the page shows of one context.

    Attributes:
        name: of the context; None where there is but one that has no name.
        curves: by the axis they are drawn against, with its name.
        caption: how the curves are to be read.
        figures: all others.
        findings: the moment of each judgement, and sentences on it.
        tables: what was found, and what it cost.
        pairs: the statistics of every judgement.
    """

    name: str | None
    curves: Sequence[tuple[str, Sequence[Figure]]]
    caption: str
    figures: Sequence[Figure]
    findings: Sequence[tuple[str, Sequence[str]]]
    tables: Sequence[Table]
    pairs: Sequence[Table]


def write_page(comparison: Comparison, answers: Sequence[Answer], folder: Path, command: str | None) -> Path:
    """Writes `comparison.html` and `figures/`, each file whole or not at all.

    Args:
        answers: of the checklist.
        folder: of the comparison.
        command: that makes the comparison again; None leaves it out.

    Returns:
        The page.

    Raises:
        UserError: a file cannot be written.
    """
    parts = [_part(context, comparison) for context in comparison.contexts]
    page = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_figures(folder, ((figure.name, figure.drawing) for part in parts for figure in figures_of(part)))
        write_whole(page, _page(comparison, answers, folder, command, parts).encode())
    except OSError as error:
        raise UserError(f"the page {page} cannot be written: {error.strerror}") from error
    return page


def figures_of(part: Part) -> list[Figure]:
    """All of a context."""
    return [*part.figures, *(figure for _, own in part.curves for figure in own)]


def _page(
    comparison: Comparison, answers: Sequence[Answer], folder: Path, command: str | None, parts: Sequence[Part]
) -> str:
    environment = Environment(
        loader=PackageLoader("nas.reporting"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    finals = [(context.name, context.final) for context in comparison.contexts]
    return environment.get_template("comparison.html.j2").render(
        comparison=comparison,
        parts=parts,
        words=page_words,
        overview=means_table(finals, "Means by context") if len(parts) > 1 else None,
        verdicts=[(part.name, part.findings[0][1][:-1]) for part in parts],
        tuned=tuned_arms(comparison),
        tiles=_tiles(comparison),
        legend=[(arms.symbol(place), name) for place, name in enumerate(comparison.contexts[0].arms)],
        symbol=arms.symbol,
        arm_class=arms.arm_class,
        answers=answers,
        settings=page_words.settings_text(comparison.contexts[0]),
        command=command,
        files=_files(folder, parts),
        labels=labels,
    )


def _part(context: Context, comparison: Comparison) -> Part:
    settings = comparison.settings
    prefix = "" if context.name == ONLY else f"{context.name}-"
    moments = [(page_words.moment_name(one), one) for one in context.judgements]
    moments += [(f"Checkpoint: {moment(one).lower()}", one) for one in context.checkpoints]
    curves = list(_curves(context, comparison, prefix))
    return Part(
        name=None if context.name == ONLY and len(comparison.contexts) == 1 else context.name,
        curves=curves,
        caption=max((figure.caption for _, own in curves for figure in own), key=len),
        figures=list(_others(context, settings.top_k, prefix)),
        findings=[
            (page_words.moment_name(one), page_words.findings(one, settings.top_k)) for one in context.judgements
        ],
        tables=[found_table(context, settings), cost_table(context, settings)],
        pairs=[
            pairs_table(one, f"{name}, by {page_words.measure_name(one.measure, settings.top_k)}")
            for name, one in moments
        ],
    )


def _curves(context: Context, comparison: Comparison, prefix: str) -> Iterator[tuple[str, list[Figure]]]:
    measures = [name for name in MEASURES if all(name in run.curve.measures for run in context.runs)]
    axes = [name for name in AXES if all(name in run.curve.axes for run in context.runs)]
    drawn = sum(min(len(runs), RUNS_DRAWN) for one in comparison.contexts for runs in one.arms.values())
    points = max(LEAST_POINTS, min(MOST_POINTS, PAGE_POINTS // (drawn * len(measures) * len(axes))))
    tables = {str(run.conditions.identity["evaluator"].get("name")) in TABLES for run in context.runs}
    for name in axes:
        largest = max(float(run.curve.axes[name][-1]) for run in context.runs)
        scale = unit(name, largest, simulated=tables == {True})
        figures = [
            _curve(curves_figure(context.arms, measure, name, points), scale, comparison, prefix)
            for measure in measures
        ]
        yield scale.name.partition(",")[0], figures


def _curve(figure: CurvesFigure, scale: Unit, comparison: Comparison, prefix: str) -> Figure:
    top_k = comparison.settings.top_k
    of = comparison.settings.primary if comparison.settings.primary in MEASURES else "best"
    threshold = comparison.settings.threshold if figure.measure == of else None
    title = MEASURES[figure.measure].format(k=top_k)
    return Figure(
        name=f"{prefix}{figure.measure}-{figure.axis}",
        title=title[0].upper() + title[1:],
        plot=arm_curves.plot(figure, scale, threshold),
        words=arm_curves.description(figure, scale, top_k),
        caption=arm_curves.caption(figure, threshold),
        height=None,
        drawing=arm_curves.drawing(figure, scale, top_k, threshold),
    )


def _others(context: Context, top_k: int, prefix: str) -> Iterator[Figure]:
    final: Judgement = context.final
    name = page_words.measure_name(final.measure, top_k)
    dots = dots_figure(context.arms, final, paired_arms(context.arms))
    yield Figure(
        name=f"{prefix}runs",
        title=f"Every run, {moment(final).lower()}",
        plot=arm_dots.plot(dots, name),
        words=arm_dots.description(dots, name),
        caption=arm_dots.caption(dots),
        height=arm_dots.height(dots),
        drawing=arm_dots.drawing(dots, name),
    )
    models = models_figure(context.arms, top_k)
    if models is not None:
        yield Figure(
            name=f"{prefix}models",
            title="Final models",
            plot=final_models.plot(models),
            words=final_models.description(models),
            caption=final_models.caption(models),
            height=None,
            drawing=final_models.drawing(models),
        )


def _tiles(comparison: Comparison) -> list[tuple[str, str]]:
    runs = [run for context in comparison.contexts for run in context.runs]
    seeds = sorted({len(own) for context in comparison.contexts for own in context.arms.values()})
    return [
        ("searches", labels.count(len(runs))),
        ("arms", str(len(comparison.contexts[0].arms))),
        *([("contexts", str(len(comparison.contexts)))] if len(comparison.contexts) > 1 else []),
        ("seeds per arm", "–".join(map(str, dict.fromkeys((seeds[0], seeds[-1]))))),
        ("evaluations", labels.count(sum(len(run.curve.best) for run in runs))),
        ("wall clock", labels.duration(sum(run.elapsed_s for run in runs))),
    ]


def _files(folder: Path, parts: Sequence[Part]) -> list[tuple[str, str]]:
    known = (
        ("curves.csv", "every run's curve"),
        ("runs.csv", "every run's end"),
        ("pairs.csv", "the statistics of all pairs"),
        ("checklist.md", "the checklist below"),
        ("study.json", "the study as it was decided"),
        ("tuning.json", "what was tuned"),
        ("searches", "the searches, each with its journal"),
    )
    figures = [(f"{FIGURES}/{figure.name}.svg", figure.title) for part in parts for figure in figures_of(part)]
    return [(name, what) for name, what in known if (folder / name).exists()] + figures
