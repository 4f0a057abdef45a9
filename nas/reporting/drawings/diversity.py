"""Diversity over the search: what its lines show, and the figure in words."""

from nas.reporting.drawings.percents import PERCENTS
from nas.reporting.drawings.series import Series, SeriesPlot
from nas.reporting.figures.diversity import DiversityFigure
from nas.reporting.figures.moments import MOST_MEMBERS, WINDOW
from nas.reporting.labels import count, percent


def series_plot(figure: DiversityFigure) -> SeriesPlot:
    """The share of distinct genomes, and the distance where there is one."""
    random = figure.random
    distinct = Series(
        f"distinct {_genomes(figure)}",
        [diversity.distinct for _, diversity in figure.over_time],
        None if random is None else random.distinct,
    )
    distances = [diversity.distance for _, diversity in figure.over_time if diversity.distance is not None]
    distance = Series("mean distance of two", distances, None if random is None else random.distance)
    return SeriesPlot(
        up_name="share",
        up=PERCENTS,
        places=[place for place, _ in figure.over_time],
        series=[distinct, distance] if figure.has_distance else [distinct],
        random_name="the same of random genomes",
    )


def description(figure: DiversityFigure) -> str:
    """The figure in words."""
    place, last = figure.over_time[-1]
    who = "the population" if figure.moments.kept else f"the last {min(WINDOW, place)} told"
    text = f"Diversity of {who}: at evaluation {count(place)}, {percent(last.distinct)} of {count(last.count)} "
    text += f"{_genomes(figure)} are distinct"
    if figure.has_distance and last.distance is not None:
        text += f", and two differ in {percent(last.distance)} of their places on average"
    return f"{text}.{_random(figure)}{_sampled(figure)}"


def _genomes(figure: DiversityFigure) -> str:
    return "architectures" if figure.of_dna else "genomes"


def _random(figure: DiversityFigure) -> str:
    random = figure.random
    if random is None:
        return ""
    if random.distance is None:
        return f" Of {count(random.count)} random ones {percent(random.distinct)} are distinct."
    return (
        f" Of {count(random.count)} random ones {percent(random.distinct)} are distinct, and two differ in "
        f"{percent(random.distance)}."
    )


def _sampled(figure: DiversityFigure) -> str:
    return f" Larger populations are judged by {count(MOST_MEMBERS)} members." if figure.moments.sampled else ""
