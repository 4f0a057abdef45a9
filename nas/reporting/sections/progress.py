"""Progress: every individual, the best so far and the population; below it whichever individual is chosen."""

from nas.reporting.drawings import progress, progress_words
from nas.reporting.figures.progress import progress_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section


def section(material: Material) -> Section:
    figure = progress_figure(material.history, material.fitness_name, material.sample)
    body = render(
        "sections/progress.html.j2",
        figure=figure,
        plot=progress.plot(figure),
        legend=[(progress.symbol(kind), label) for kind, label in progress_words.legend(figure)],
        description=progress_words.description(figure),
        shown=len(material.sample.shown(material.history)),
        last=len(material.history.individuals) - 1,
    )
    return Section(name="progress", title="Progress", body=body, figures=[("progress", progress.drawing(figure))])
