"""Mutations and the population: what operators do, who takes over, how alike genomes become, and fan-in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from nas.reporting import mutation_tables, mutation_words
from nas.reporting.children import Children, children_of
from nas.reporting.descent import descent
from nas.reporting.drawings import diversity, fan_in, founders, operators, operators_over_time, series, takeover
from nas.reporting.figures.diversity import diversity_figure
from nas.reporting.figures.fan_in import fan_in_figure
from nas.reporting.figures.founders import founders_figure
from nas.reporting.figures.moments import moments_of
from nas.reporting.figures.operators import operators_figure
from nas.reporting.figures.takeover import takeover_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.history import History


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the section."""

    body: Markup
    figures: list[tuple[str, Markup]]
    findings: list[str] = field(default_factory=list)


def section(material: Material) -> Section | None:
    children = children_of(material.history.individuals, material.columns)
    parts = [*_operators(material, children), *_takeover(material), *_population(material, children)]
    if not parts:
        return None
    return Section(
        name="mutations",
        title="Mutations and the population" if len(children.number) else "Genomes over the search",
        body=Markup("\n").join(part.body for part in parts),
        figures=[figure for part in parts for figure in part.figures],
        findings=[finding for part in parts for finding in part.findings],
    )


def _operators(material: Material, children: Children) -> Iterator[Part]:
    figure = operators_figure(children, material.fitness_name)
    if figure is None:
        return
    inherits = inherits_weights(material.history)
    body = render(
        "sections/mutations/operators.html.j2",
        figure=figure,
        operators=operators,
        over_time=operators_over_time,
        table=mutation_tables.operators_table(figure),
        words=list(mutation_words.on_operators(figure, inherits)),
    )
    files = [("mutations", operators.drawing(figure))] if figure.drawn else []
    if operators_over_time.panels(figure):
        files.append(("mutations-over-time", operators_over_time.drawing(figure)))
    yield Part(body, files, list(mutation_words.found_on_operators(figure, inherits)))


def _takeover(material: Material) -> Iterator[Part]:
    tree = descent(material.columns.parent)
    figure, origins = takeover_figure(material.columns, tree), founders_figure(material.columns, tree)
    if figure is None or origins is None:
        return
    body = render(
        "sections/mutations/takeover.html.j2",
        figure=figure,
        takeover=takeover,
        origins=origins,
        founders=founders,
        table=mutation_tables.holders_table(figure),
        shades={str(band.number): takeover.shade(figure, band.number) for band in figure.bands},
    )
    files = [("takeover", takeover.drawing(figure)), ("founders", founders.drawing(origins))]
    yield Part(body, files, list(mutation_words.found_on_founders(origins)))


def _population(material: Material, children: Children) -> Iterator[Part]:
    individuals, columns = material.history.individuals, material.columns
    moments = moments_of(columns)
    alike = diversity_figure(individuals, columns.told, moments)
    if alike is not None:
        words, lines = diversity.description(alike), diversity.series_plot(alike)
        sentences = list(mutation_words.on_diversity(alike))
        body = render(
            "sections/mutations/diversity.html.j2", lines=lines, series=series, words=words, sentences=sentences
        )
        yield Part(body, [("diversity", series.drawing(lines, words))])
    joined = fan_in_figure(individuals, columns, children, moments, material.fitness_name)
    if joined is not None:
        words, lines = fan_in.description(joined), fan_in.series_plot(joined)
        body = render(
            "sections/mutations/fan_in.html.j2",
            lines=lines,
            series=series,
            words=words,
            figure=joined,
            fan_in=fan_in,
            table=mutation_tables.fan_in_table(joined),
            sentences=list(mutation_words.on_fan_in(joined)),
        )
        yield Part(
            body, [("fan-in", series.drawing(lines, words)), ("fan-in-fitness", fan_in.drawing_by_value(joined))]
        )


def inherits_weights(history: History) -> bool:
    """Whether children go on from their parents' weights, as the identity of the search has it."""
    evaluator = history.identity.get("evaluator")
    return isinstance(evaluator, Mapping) and evaluator.get("inherit") is True
