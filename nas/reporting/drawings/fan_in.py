"""Output fan-in as SVG: the population's mean over the search, and fitness by fan-in; with what they say in words."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting import labels
from nas.reporting.drawings import series
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.estimates import extent, standing, written
from nas.reporting.drawings.frame import as_file, frame
from nas.reporting.drawings.legend import row
from nas.reporting.drawings.series import KINDS, Series, SeriesPlot
from nas.reporting.drawings.svg import element, percent
from nas.reporting.figures.fan_in import CellFanIn, FanInFigure, Group
from nas.reporting.figures.moments import WINDOW

APART = 0.18  # of a fan-in's width, between the middle and a cell's dot


def series_plot(figure: FanInFigure) -> SeriesPlot:
    """Mean fan-in over time, random genomes as a band."""
    low, high = figure.random_mean - figure.random_deviation, figure.random_mean + figure.random_deviation
    values = [value for cell in figure.cells for value in cell.over_time.tolist()]
    least, most = min([low, *values]), max([high, *values])
    room = 0.06 * (most - least)
    return SeriesPlot(
        up_name="mean output fan-in",
        up=axis(least - room, most + room, about=5),
        places=[moment.place for moment in figure.moments.moments],
        series=[Series(f"{cell.name} cell", cell.over_time.tolist()) for cell in figure.cells],
        random_name="random genomes: mean ± SD",
        band=(figure.random_mean, low, high),
    )


def description(figure: FanInFigure) -> str:
    """The mean over time in words."""
    last = figure.moments.moments[-1]
    who = "the population" if figure.moments.kept else f"the last {min(WINDOW, last.place)} told"
    ends = " and ".join(f"{cell.final:.2f} ({cell.name} cell)" for cell in figure.cells)
    return (
        f"Output fan-in of {who} over the search: {ends} on average at evaluation {labels.count(last.place)}. "
        f"Uniformly random genomes have {figure.random_mean:.2f} ± {figure.random_deviation:.2f}."
    )


def plot_by_value(figure: FanInFigure) -> Markup:
    """Mean fitness by fan-in, without margins."""
    up = extent([group.mean for cell in figure.cells for group in cell.by_value], about=5)
    across = _values(figure)
    name = f"mean {figure.fitness_name.replace('_', ' ')}"
    cells = (
        element("g", *_cell(cell, shift, across, up), class_=kind)
        for cell, kind, shift in zip(figure.cells, KINDS, (-APART, APART), strict=True)
    )
    return Markup("").join([frame(across, up, "output fan-in", name), *cells])


def description_by_value(figure: FanInFigure) -> str:
    """Fitness by fan-in in words."""
    cells = "; ".join(f"{cell.name} cell: {_groups(cell)}" for cell in figure.cells)
    return f"{caption_by_value(figure)} {cells}."


def caption_by_value(figure: FanInFigure) -> str:
    """What is drawn."""
    name, read = figure.fitness_name.replace("_", " "), labels.count(figure.read)
    text = f"Mean {name} by output fan-in, of {read} told individuals"
    return f"{text} that did not diverge, of {labels.count(figure.told)}." if figure.read < figure.told else f"{text}."


def drawing_by_value(figure: FanInFigure) -> Markup:
    """The plot of fitness by fan-in with its margins and legend, as a file shows it."""
    size = (series.WIDTH, series.HEIGHT)
    return as_file(
        plot_by_value(figure),
        row(legend_by_value(figure), symbol_by_value, series.MARGIN["left"]),
        description_by_value(figure),
        size,
        series.MARGIN,
    )


def legend_by_value(figure: FanInFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    return [(kind, f"{cell.name} cell, 95 % interval") for cell, kind in zip(figure.cells, KINDS, strict=True)]


def symbol_by_value(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    bar = element("line", x1=13, x2=13, y1=1, y2=15, class_="estimate-bar")
    return element("g", bar, element("circle", cx=13, cy=8, r=4.6, class_="estimate-dot"), class_=kind)


def _values(figure: FanInFigure) -> Axis:
    ticks = tuple(float(value) for value in range(1, figure.num_combinations + 1))
    return Axis(0.5, figure.num_combinations + 0.5, ticks, 0)


def _cell(cell: CellFanIn, shift: float, across: Axis, up: Axis) -> Iterator[Markup]:
    for group in cell.by_value:
        x = percent(across.fraction(float(group.name) + shift))
        yield standing(group.mean, x, up, element("title", f"{cell.name} cell, fan-in {_group(group)}"))


def _groups(cell: CellFanIn) -> str:
    return ", ".join(map(_group, cell.by_value))


def _group(group: Group) -> str:
    return f"{group.name}: {written(group.mean, labels.fitness)}, n = {labels.count(group.count)}"
