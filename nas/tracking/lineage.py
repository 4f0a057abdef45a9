"""A search's individuals as a table: who descends from whom, by which mutation, and what became of it."""

import json
from collections.abc import Sequence
from typing import Any

from nas.reporting.figures.sample import thin
from nas.search.history import History
from nas.search.individual import Individual
from nas.tracking.rows import origin

ALWAYS = 100  # so many of the best are shown in any case
COLUMNS = ["number", "state", "parents", "mutation", "architecture", "fitness"]


def columns(history: History) -> list[str]:
    """The names of the columns; the metrics of all individuals follow `COLUMNS`."""
    metrics = {name for individual in history.individuals for name in individual.metrics}
    return [*COLUMNS, *sorted(metrics - set(COLUMNS)), "reason"]


def rows(individuals: Sequence[Individual], names: Sequence[str]) -> list[list[Any]]:
    """A row for each individual; None where it has no such metric.

    Args:
        individuals: of a history.
        names: see `columns`.
    """
    return [_row(individual, names[len(COLUMNS) : -1]) for individual in individuals]


def shown(history: History, most: int) -> list[Individual]:
    """All individuals, or of a large search so many, by number: the ancestors of the best first of all (the nearest,
    if there are more), then the best, those alive, and of the others one from each of equal stretches."""
    individuals = history.individuals
    if len(individuals) <= most:
        return individuals
    best = history.best
    lineage = [] if best is None else [individual.number for individual in history.lineage(best.number)]
    notable = [individual.number for individual in (*history.top(ALWAYS), *history.alive)]
    chosen = set(list(dict.fromkeys([*lineage, *notable]))[:most])
    if len(chosen) < most:
        others = [individual.number for individual in individuals if individual.number not in chosen]
        chosen.update(thin(others, most - len(chosen)))
    return [individuals[number] for number in sorted(chosen)]


def _row(individual: Individual, metrics: Sequence[str]) -> list[Any]:
    genome = individual.genome
    return [
        individual.number,
        individual.state.value,
        ",".join(map(str, individual.parents)),
        origin(individual),
        genome if isinstance(genome, str) else json.dumps(genome, sort_keys=True, ensure_ascii=False),
        individual.fitness,
        *(individual.metrics.get(name) for name in metrics),
        individual.reason,
    ]
