"""The best individuals as a table."""

from typing import Any

from nas.reporting import labels
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table
from nas.search.individual import Individual

TOP = 10


def section(material: Material) -> Section | None:
    if material.best is None:
        return None
    return Section(name="top", title="Ranking", body=render("sections/ranking.html.j2", table=_table(material)))


def _table(material: Material) -> Table:
    """Its first column is the rank, its second the number."""
    best = material.history.top(TOP)
    metrics = [key for key in ("parameters", "multiply_adds", "train_s") if any(key in ind.metrics for ind in best)]
    names = {"parameters": "parameters", "multiply_adds": "multiply-adds", "train_s": "training"}
    head = ["rank", "number", "fitness", *(names[key] for key in metrics), "mutation", "parents", "at the end"]
    rows = [
        [
            str(rank),
            str(individual.number),
            labels.fitness(individual.fitness),
            *(_metric(key, individual.metrics.get(key)) for key in metrics),
            _mutation(individual),
            ", ".join(map(str, individual.parents)) or "–",
            "alive" if individual.number in material.alive else "dead",
        ]
        for rank, individual in enumerate(best, start=1)
    ]
    return Table(head, rows)


def _metric(key: str, value: Any) -> str:
    return labels.duration(value) if key.endswith("_s") and isinstance(value, int | float) else labels.quantity(value)


def _mutation(individual: Individual) -> str:
    if individual.mutation is None:
        return labels.origin(individual) if not individual.parents else "–"
    details = labels.details(individual.mutation.details)
    return f"{individual.mutation.name.replace('_', ' ')} ({details})" if details else individual.mutation.name
