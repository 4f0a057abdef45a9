"""What a page holds of its individuals, small: columns instead of rows, and of each genome what its ancestor's has not.

A page of 20,000 individuals would otherwise be larger than their journal. `templates/report/individuals.js` unpacks.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nas.reporting.packed_genomes import packed_genomes
from nas.search.history import History
from nas.search.individual import Individual


def pack(history: History, shown: Sequence[Individual], places: Mapping[str, Mapping[int, float]]) -> str:
    """Individuals as JSON, gzip, base64.

    Args:
        history: that they are of.
        shown: those the page holds, by number.
        places: where marks lie, by name of the axis across and by number.
    """
    alive = {individual.number for individual in history.alive}
    mutations = _Table(_mutation(individual) for individual in shown)
    reasons = _Table(individual.reason for individual in shown)
    states = _Table(individual.state.value for individual in shown)
    updates = _Table(individual.record.get("updates") for individual in shown)
    fidelities = _Table(str(individual.fidelity) if individual.fidelity else None for individual in shown)
    columns = {
        "number": [individual.number for individual in shown],
        "state": states.packed,
        "alive": [individual.number for individual in shown if individual.number in alive],
        "updates": updates.packed,
        "fitness": [individual.fitness for individual in shown],
        "fidelity": fidelities.packed,
        "parents": [list(individual.parents) for individual in shown],
        "mutation": mutations.packed,
        "reason": reasons.packed,
        "metrics": _metrics(shown),
        "genome": packed_genomes(history.individuals, shown),
        "places": {axis: [by_number.get(ind.number) for ind in shown] for axis, by_number in places.items()},
    }
    data = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()


class _Table:
    """A column whose values repeat: each once, and where it comes."""

    def __init__(self, values: Iterable[str | int | None]) -> None:
        places: dict[str | int | None, int] = {}
        self._rows = [places.setdefault(value, len(places)) for value in values]
        self._values = list(places)

    @property
    def packed(self) -> dict[str, list[Any]]:
        return {"values": self._values, "rows": self._rows}


def _mutation(individual: Individual) -> str | None:
    """As text, because details need not be hashable."""
    mutation = individual.mutation
    return None if mutation is None else json.dumps([mutation.name, dict(mutation.details)], ensure_ascii=False)


def _metrics(shown: Sequence[Individual]) -> dict[str, list[Any]]:
    """By name, a value for each individual, see `_present`."""
    names = sorted({name for individual in shown for name in individual.metrics})
    return {name: [_present(individual.metrics, name) for individual in shown] for name in names}


def _present(metrics: Mapping[str, Any], name: str) -> Any:
    """Null for a metric that the individual has not; an empty list for one that the journal has as null."""
    value = metrics.get(name)
    return [] if value is None and name in metrics else value
