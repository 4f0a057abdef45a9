"""The individuals of the Pareto front as a table."""

from nas.reporting import labels
from nas.reporting.drawings.pareto import NAMES
from nas.reporting.figures.arm_curves import evenly
from nas.reporting.figures.pareto import COSTS, ParetoFigure
from nas.reporting.table import Table

MOST_ROWS = 100


def front_table(figure: ParetoFigure) -> Table:
    """One row each, the cheapest first; of a longer front `MOST_ROWS` evenly spread. The first column is the number."""
    shown = [figure.front[place] for place in evenly(len(figure.front), MOST_ROWS)]
    others = [
        key for key in COSTS if key != figure.objective and any(key in member.individual.metrics for member in shown)
    ]
    names = [NAMES.get(key, key.replace("_", " ")) for key in (figure.objective, *others)]
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
