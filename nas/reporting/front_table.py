"""The individuals of the Pareto front as a table."""

from nas.reporting import labels
from nas.reporting.figures.pareto import ParetoFigure, Undominated
from nas.reporting.table import Table

MOST_ROWS = 100


def front_table(figure: ParetoFigure) -> Table:
    """One row each, the cheapest first; of a longer front `MOST_ROWS` evenly spread. The first column is the number."""
    shown = _spread(figure.front)
    others = [
        key
        for key in ("parameters", "multiply_adds")
        if key != figure.objective and any(key in member.individual.metrics for member in shown)
    ]
    names = [key.replace("_", " ") for key in (figure.objective, *others)]
    rows = [
        [
            str(member.individual.number),
            labels.fitness(member.point.fitness),
            *(labels.quantity(member.individual.metrics.get(key)) for key in (figure.objective, *others)),
            labels.origin(member.individual),
            "alive" if member.alive else "dead",
        ]
        for member in shown
    ]
    return Table(["number", "fitness", *names, "came by", "at the end"], rows)


def _spread(front: list[Undominated]) -> list[Undominated]:
    last, most = len(front) - 1, MOST_ROWS - 1
    return front if last <= most else [front[round(place * last / most)] for place in range(MOST_ROWS)]
