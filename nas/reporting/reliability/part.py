"""One answer to how far the accuracies can be trusted, and the words that they share."""

from dataclasses import dataclass, field

from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import plural
from nas.reporting.spread import Spread
from nas.reporting.table import Table


@dataclass(frozen=True, slots=True)
class Part:
    """
    Attributes:
        name: of its figure's file.
        title: its heading.
        sentences: what it says.
        figure: what it draws, if anything.
        tables: with a title each; the column "number" holds individuals.
    """

    name: str
    title: str
    sentences: list[str]
    figure: PairsFigure | None = None
    tables: list[tuple[str, Table]] = field(default_factory=list)


def deviation(spread: Spread) -> str:
    """A sentence."""
    low, high = spread.interval
    return (
        f"Between equal genomes the standard deviation is {spread.deviation:.4f} (95\u00a0%: {low:.4f} to {high:.4f}, "
        f"{plural(spread.freedom, 'degree')} of freedom), if it is the same for all genomes."
    )


def signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−")


def interval(found: tuple[float, float] | None) -> str:
    return "–" if found is None else f"{signed(found[0])} to {signed(found[1])}"


def within(found: tuple[float, float] | None) -> str:
    """An interval behind its value; nothing where there is none."""
    return "" if found is None else f" (95\u00a0%: {interval(found)})"


def are(number: int) -> str:
    return "is" if number == 1 else "are"
