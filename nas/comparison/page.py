"""The page of a comparison: one HTML file that needs nothing but itself, and its figures as SVG (and PNG) files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nas.comparison import page_protocol, page_words
from nas.comparison.checklist import Answer
from nas.comparison.noise import compare_gaps
from nas.comparison.page_figures import Figure, curve_figures, other_figures, overview_figure
from nas.comparison.page_tables import Table, cost_table, finals_table, found_table, means_table, pairs_table
from nas.comparison.page_tuning import tuned_arms
from nas.comparison.results import Comparison, Context, moment
from nas.comparison.study import ONLY
from nas.comparison.tables import CURVES, NOISE, PAIRS, RUNS
from nas.errors import UserError
from nas.reporting import labels
from nas.reporting.drawings import arms
from nas.reporting.rendering import render
from nas.reporting.writing import FIGURES, write_figures, write_whole

FILE_NAME = "comparison.html"


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
    overview = overview_figure(comparison) if len(parts) > 1 else None
    figures = [*([overview] if overview else []), *(figure for part in parts for figure in figures_of(part))]
    page = folder / FILE_NAME
    text = _page(comparison, answers, command, parts, overview, _files(folder, figures))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_figures(folder, ((figure.name, figure.drawing) for figure in figures))
        write_whole(page, text.encode())
    except OSError as error:
        raise UserError(f"the page {page} cannot be written: {error.strerror}") from error
    return page


def figures_of(part: Part) -> list[Figure]:
    """All of a context."""
    return [*part.figures, *(figure for _, own in part.curves for figure in own)]


def _page(
    comparison: Comparison,
    answers: Sequence[Answer],
    command: str | None,
    parts: Sequence[Part],
    overview: Figure | None,
    listed: Sequence[tuple[str, str]],
) -> str:
    finals = [(context.name, context.final) for context in comparison.contexts]
    noise = {context: arms for context, arms in (comparison.noise or {}).items() if arms}
    return render(
        "comparison.html.j2",
        comparison=comparison,
        parts=parts,
        words=page_words,
        protocol=page_protocol,
        overview=overview,
        means=means_table(finals, "Means by context"),
        verdicts=_verdicts(parts),
        noise=noise,
        noise_pairs={context: compare_gaps(arms) for context, arms in noise.items()},
        tuned=tuned_arms(comparison),
        tiles=_tiles(comparison),
        legend=[(arms.symbol(place), name) for place, name in enumerate(comparison.contexts[0].arms)],
        symbol=arms.symbol,
        arm_class=arms.arm_class,
        answers=answers,
        settings=page_protocol.settings_text(comparison.contexts[0]),
        command=command,
        files=listed,
    )


def _part(context: Context, comparison: Comparison) -> Part:
    settings = comparison.settings
    prefix = "" if context.name == ONLY else f"{context.name}-"
    moments = [(page_words.moment_name(one), one) for one in context.judgements]
    moments += [(f"Checkpoint: {moment(one).lower()}", one) for one in context.checkpoints]
    curves = list(curve_figures(context, comparison, prefix))
    return Part(
        name=None if context.name == ONLY and len(comparison.contexts) == 1 else context.name,
        curves=curves,
        caption=max((figure.caption for _, own in curves for figure in own), key=len),
        figures=list(other_figures(context, settings.top_k, prefix)),
        findings=[
            (page_words.moment_name(one), page_words.findings(one, settings.top_k)) for one in context.judgements
        ],
        tables=[
            table
            for table in (found_table(context, settings), finals_table(context), cost_table(context, settings))
            if table is not None
        ],
        pairs=[
            pairs_table(one, f"{name}, by {page_words.measure_name(one.measure, settings.top_k)}")
            for name, one in moments
            if one.pairs
        ],
    )


def _verdicts(parts: Sequence[Part]) -> list[tuple[int | None, str, str]]:
    """The place and name of a context, and what is concluded in it; one entry without place where all say the same."""
    said = [" ".join(part.findings[0][1][:-1]) for part in parts]
    if len(set(said)) == 1:
        return [(None, "all contexts", said[0])]
    return [
        (place, part.name or ONLY, text) for place, (part, text) in enumerate(zip(parts, said, strict=True), start=1)
    ]


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


def _files(folder: Path, drawn: Sequence[Figure]) -> list[tuple[str, str]]:
    known = (
        (CURVES, "every run's curve"),
        (RUNS, "every run's end"),
        (PAIRS, "the statistics of all pairs"),
        (NOISE, "the best of every search, measured again"),
        ("checklist.md", "the checklist below"),
        ("study.json", "the study as it was decided"),
        ("tuning.json", "what was tuned"),
        ("searches", "the searches, each with its journal"),
    )
    figures = [(f"{FIGURES}/{figure.name}.svg", figure.title) for figure in drawn]
    return [(name, what) for name, what in known if (folder / name).exists()] + figures
