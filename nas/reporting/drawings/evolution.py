"""Evolution over time as SVG (Real et al. 2017, arXiv 1703.01041, figure 1).

Positions are percentages, so that on a page the plot takes the width it is given. Dots are the round ends of lines
without length, a tenth of the text that circles take; those of the lineage are circles and say whose they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import frame
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.figures.evolution import Dot, EvolutionFigure
from nas.reporting.labels import count, fitness, plural

FINE = 1000.0  # the dots' own coordinates run from 0 to this, where the size of the plot is not known
MOST_STEPS = 100  # members of a lineage that are drawn as dots; of a longer one the line is enough
RADIUS = 9.0
NARROWEST, WIDEST, HEIGHT = 280.0, 1080.0, 340.0  # of the plot; letters keep apart at both widths
_UNITS = ((7200.0, 3600.0, "hours"), (120.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
_SHORT = {"hours": "h", "minutes": "min", "seconds": "s"}
_SHIFTS = [
    (x * far, y * far)
    for far in (20, 34, 48, 62)
    for x, y in ((-0.7, -0.7), (0, -1), (-1, 0), (0.7, 0.7), (0, 1), (1, 0))
]


@dataclass(frozen=True, slots=True)
class Scene:
    """The axes: wall time across, in `unit`s of so many seconds, and fitness up."""

    across: Axis
    up: Axis
    seconds: float
    unit: str

    def time(self, dot: Dot) -> str:
        """When the individual became alive, in the unit of the axis: "70.2 h"."""
        value = dot.time_s / self.seconds
        return f"{value:,.{0 if value >= 1000 else 1}f} {_SHORT[self.unit]}"

    def at(self, dot: Dot) -> tuple[float, float]:
        """Shares of the plot's width and height, from the left and from the top."""
        return self.across.fraction(dot.time_s / self.seconds), 1 - self.up.fraction(dot.fitness)


def scene(figure: EvolutionFigure) -> Scene:
    """The axes of a figure."""
    longest = max((dot.time_s for dot in figure.dots), default=0.0)
    _, seconds, unit = next(entry for entry in _UNITS if longest >= entry[0])
    values = [dot.fitness for dot in figure.dots] or [0.0, 1.0]
    room = max(values) - min(values)
    across = axis(0, longest / seconds if longest > 0 else 1.0, about=6)
    return Scene(across, axis(min(values) - 0.06 * room, max(values) + 0.09 * room, about=6), seconds, unit)


def plot(figure: EvolutionFigure, width: float = FINE, height: float = FINE) -> Markup:
    """The plot alone, without margins; axis labels stand outside its box.

    Args:
        figure: what is drawn.
        width, height: what it is drawn at, if that is known: then nothing is stretched.
    """
    here, size = scene(figure), (width, height)
    return Markup("").join(
        [
            frame(here.across, here.up, f"wall time, {here.unit}", figure.fitness_name.replace("_", " ")),
            _dots((dot for dot in figure.dots if not dot.alive), "dead", len(figure.dots), here, size),
            _dots((dot for dot in figure.dots if dot.alive), "alive", len(figure.dots), here, size),
            _lineage(figure, here, size),
            *_letters(figure, here),
        ]
    )


def description(figure: EvolutionFigure) -> str:
    """The figure in words."""
    if not figure.marked:
        return "Evolution: no individual has a fitness yet."
    first, best = figure.lineage[0], figure.lineage[-1]
    text = (
        f"Evolution: {figure.fitness_name} of {plural(figure.told, 'individual')} over wall time, "
        f"{count(figure.alive)} of them alive at the end. "
    )
    if len(figure.dots) < figure.told:
        text += f"Dots are a sample: {count(len(figure.dots))} are drawn. "
    if first is best:
        return f"{text}The best, #{best.number} ({fitness(best.fitness)}), has no ancestors."
    steps = plural(len(figure.lineage) - 1, "generation")
    return (
        f"{text}The lineage of the best leads from #{first.number} ({fitness(first.fitness)}) over {steps} to "
        f"#{best.number} ({fitness(best.fitness)}, {scene(figure).time(best)}); "
        f"{', '.join(f'{marked.letter} is #{marked.dot.number}' for marked in figure.marked)}."
    )


def legend(figure: EvolutionFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    alive, dead = figure.alive, figure.told - figure.alive
    entries = [
        ("alive", f"alive at the end ({count(alive)})", alive),
        ("dead", f"dead ({count(dead)})", dead),
        ("lineage", f"lineage of the best ({count(len(figure.lineage))})", len(figure.lineage) > 1),
        ("letter", "architecture below", len(figure.marked)),
    ]
    return [(kind, label) for kind, label, shown in entries if shown]


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind in ("alive", "dead"):
        return element("path", d="M13 8h0", class_=f"dots {kind}", stroke_width=8)
    if kind == "lineage":
        return element("path", d="M1 13L9 7L17 6L25 3", class_="lineage-line")
    return disc("A", 13, 8)


def disc(letter: str, x: float | str = 0, y: float | str = 0) -> Markup:
    """A marked individual's letter, its middle at a place."""
    return element(
        "svg",
        element("circle", r=RADIUS, class_="letter-disc"),
        element("text", letter, y=4, class_="letter"),
        x=x,
        y=y,
        overflow="visible",
    )


def _dots(dots: Iterable[Dot], kind: str, total: int, here: Scene, size: tuple[float, float]) -> Markup:
    places = "".join(f"M{_point(dot, here, size)}h0" for dot in dots)
    if not places:
        return Markup("")
    width = 2 * (3.2 if total <= 300 else 2.6 if total <= 2000 else 1.8) * (1.2 if kind == "alive" else 1)
    return stretched(element("path", d=places, class_=f"dots {kind}", stroke_width=width), size)


def _lineage(figure: EvolutionFigure, here: Scene, size: tuple[float, float]) -> Markup:
    if len(figure.lineage) < 2:
        return Markup("")
    line = "L".join(_point(dot, here, size) for dot in figure.lineage)
    marked = {marked.dot.number for marked in figure.marked}
    few = len(figure.lineage) <= MOST_STEPS
    members = [_member(dot, here, 3.0) for dot in figure.lineage if few and dot.number not in marked]
    return stretched(element("path", d=f"M{line}", class_="lineage-line"), size) + Markup("").join(members)


def _member(dot: Dot, here: Scene, radius: float) -> Markup:
    x, y = map(percent, here.at(dot))
    return element("circle", element("title", dot.title), cx=x, cy=y, r=radius, class_="lineage-dot")


def _letters(figure: EvolutionFigure, here: Scene) -> Iterator[Markup]:
    """Rings around the marked individuals and their letters beside them, none over another."""
    places = [here.at(marked.dot) for marked in figure.marked]
    taken: list[tuple[float, float, float, float]] = [(*place, 0.0, 0.0) for place in places]
    for marked, (x, y) in zip(figure.marked, places, strict=True):
        shift = next((shift for shift in _SHIFTS if _is_free((x, y, *shift), taken)), _SHIFTS[0])
        taken.append((x, y, *shift))
        yield _member(marked.dot, here, 5.0)
        moved = f"translate({number(shift[0])} {number(shift[1])})"
        yield element("g", disc(marked.letter, percent(x), percent(y)), transform=moved, data_letter=marked.letter)


def _is_free(place: tuple[float, float, float, float], taken: list[tuple[float, float, float, float]]) -> bool:
    """Whether a disc there is inside the plot and touches none of the others, on a phone and on a wide screen."""
    x, y, right, down = place
    for width in (NARROWEST, WIDEST):
        here_x, here_y = x * width + right, y * HEIGHT + down
        if not (-RADIUS <= here_x <= width and -RADIUS <= here_y <= HEIGHT - RADIUS):
            return False
        for other_x, other_y, other_right, other_down in taken:
            distance_x = here_x - other_x * width - other_right
            distance_y = here_y - other_y * HEIGHT - other_down
            least = RADIUS + 6 if other_right == other_down == 0 else 2 * RADIUS + 1
            if distance_x**2 + distance_y**2 < least**2:
                return False
    return True


def _point(dot: Dot, here: Scene, size: tuple[float, float]) -> str:
    x, y = here.at(dot)
    return f"{x * size[0]:.1f} {y * size[1]:.1f}"
