"""Progress: every individual, the best so far and the population; below it whichever individual is chosen."""

from nas.reporting.drawings import progress, progress_axes, progress_marks, progress_words
from nas.reporting.figures.progress import progress_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.spending import AXES


def section(material: Material) -> Section:
    figure = progress_figure(material.history, material.fitness_name, material.sample)
    axes = progress_axes.names(figure)
    body = render(
        "sections/progress.html.j2",
        figure=figure,
        plot=progress.plot(figure, axes),
        axes=[(axis, f"over {AXES[axis]}") for axis in axes],
        legend=[(progress.symbol(kind), label) for kind, label in progress_words.legend(figure)],
        description=progress_words.description(figure),
        shown=len(material.sample.shown(material.history)),
        last=len(material.history.individuals) - 1,
    )
    drawings = [(_file_name(axis), progress.drawing(figure, axis)) for axis in axes]
    places = {axis: progress_marks.places(figure, progress_axes.across(figure, axis)) for axis in axes}
    return Section(name="progress", title="Progress", body=body, figures=drawings, places=places)


def _file_name(axis: str) -> str:
    return "progress" if axis == progress_axes.EVALUATIONS else f"progress-{axis.replace('_', '-')}"
