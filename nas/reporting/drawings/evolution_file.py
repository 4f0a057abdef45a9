"""Evolution over time as one picture: the plot, and the networks of the marked individuals below it."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from nas.reporting.drawings import dna, evolution
from nas.reporting.drawings.svg import element, number, viewbox
from nas.reporting.figures.dna_places import DnaFigure
from nas.reporting.figures.evolution import EvolutionFigure, Marked
from nas.reporting.labels import fitness

WIDTH, PLOT_HEIGHT = 1120.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 24.0, 74.0, 66.0
EDGE, BETWEEN, CAPTION, LEAST_COLUMN = 20.0, 30.0, 46.0, 190.0

Network = tuple[Marked, DnaFigure]


def drawing(figure: EvolutionFigure, networks: Sequence[Network]) -> Markup:
    """The picture as a file shows it; networks stand side by side, in several rows if need be."""
    time = evolution.scene(figure).time
    y = TOP + PLOT_HEIGHT + BOTTOM
    parts: list[Markup] = []
    for row in _rows(networks):
        tallest = max(network.height * _scale(network) for _, network in row)
        x = EDGE
        for marked, network in row:
            scale = _scale(network)
            lower = y + CAPTION + tallest - network.height * scale
            moved = f"translate({number(x)} {number(lower)}) scale({number(scale)})"
            parts += [
                *_caption(marked, time(marked.dot), network, x, lower - CAPTION),
                element("g", dna.inside(network), transform=moved),
            ]
            x += _width(network) + BETWEEN
        y += CAPTION + tallest + BETWEEN
    for note in dna.NOTES if networks else ():
        parts.append(element("text", note, x=EDGE, y=y, class_="note"))
        y += EDGE
    inner = WIDTH - LEFT - RIGHT
    plot = evolution.plot(figure, inner, PLOT_HEIGHT)
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *_legend(figure),
        element("svg", plot, x=LEFT, y=TOP, width=inner, height=PLOT_HEIGHT, overflow="visible"),
        *parts,
        width=WIDTH,
        height=number(y),
        viewBox=viewbox(WIDTH, y),
        class_="figure evolution",
        role="img",
        aria_label=evolution.description(figure),
    )


def _rows(networks: Sequence[Network]) -> Iterator[list[Network]]:
    row: list[Network] = []
    used = EDGE
    for marked, network in networks:
        if row and used + _width(network) > WIDTH - EDGE:
            yield row
            row, used = [], EDGE
        row.append((marked, network))
        used += _width(network) + BETWEEN
    if row:
        yield row


def _scale(network: DnaFigure) -> float:
    return min(1.0, (WIDTH - 2 * EDGE) / network.width)


def _width(network: DnaFigure) -> float:
    return max(LEAST_COLUMN, network.width * _scale(network))


def _caption(marked: Marked, time: str, network: DnaFigure, x: float, y: float) -> Iterator[Markup]:
    dot = marked.dot
    yield evolution.disc(marked.letter, x + evolution.RADIUS + 6, y + 14)
    first = f"#{dot.number} · {fitness(dot.fitness)} · {time}"
    yield element("text", first, x=x + 2 * evolution.RADIUS + 13, y=y + 18, class_="cell-title")
    rate = f"learning rate {network.dna.learning_rate:.3g}"
    yield element("text", rate, x=x + 2 * evolution.RADIUS + 13, y=y + 34, class_="note")


def _legend(figure: EvolutionFigure) -> Iterator[Markup]:
    x = LEFT - 44
    for kind, label in evolution.legend(figure):
        yield element("svg", evolution.symbol(kind), x=x, y=14, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 31, y=26.5, class_="legend")
        x += 51 + 6.4 * len(label)
