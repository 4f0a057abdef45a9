"""The figures of a comparison, each as its page and as a file shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from nas.comparison import page_words
from nas.comparison.curves import MEASURES
from nas.comparison.page_tables import is_simulated
from nas.comparison.results import Comparison, Context, Judgement, moment, paired_arms
from nas.reporting.drawings import arm_curves, arm_dots, context_means, final_models
from nas.reporting.drawings.units import Unit, unit
from nas.reporting.figures.arm_curves import RUNS_DRAWN, CurvesFigure, curves_figure
from nas.reporting.figures.arm_dots import dots_figure
from nas.reporting.figures.context_means import context_means_figure
from nas.reporting.figures.final_models import models_figure
from nas.search.spending import AXES

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


def overview_figure(comparison: Comparison) -> Figure:
    figure = context_means_figure(comparison.contexts)
    name = page_words.measure_name(figure.measure, comparison.settings.top_k)
    return Figure(
        name="contexts",
        title=page_words.capital(name),
        plot=context_means.plot(figure),
        words=context_means.description(figure, name),
        caption=context_means.CAPTION,
        height=None,
        drawing=context_means.drawing(figure, name),
    )


def curve_figures(context: Context, comparison: Comparison, prefix: str) -> Iterator[tuple[str, list[Figure]]]:
    measures = [name for name in MEASURES if all(name in run.curve.measures for run in context.runs)]
    axes = [name for name in AXES if all(name in run.curve.axes for run in context.runs)]
    drawn = sum(min(len(runs), RUNS_DRAWN) for one in comparison.contexts for runs in one.arms.values())
    points = max(LEAST_POINTS, min(MOST_POINTS, PAGE_POINTS // (drawn * len(measures) * len(axes))))
    for name in axes:
        largest = max(float(run.curve.axes[name][-1]) for run in context.runs)
        scale = unit(name, largest, is_simulated(context))
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


def other_figures(context: Context, top_k: int, prefix: str) -> Iterator[Figure]:
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
