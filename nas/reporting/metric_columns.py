"""A value that each of many individuals tells, as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.search.individual import Individual

_NUMBERS = frozenset((int, float))
_KNOWN = _NUMBERS | {type(None)}


def metric_column(individuals: Sequence[Individual], name: str) -> NDArray[np.float64]:
    """The metric of each, nan where it is missing or no number."""
    return number_column((individual.metrics for individual in individuals), name)


def number_column(told: Iterable[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    """The value of that name of each, nan where it is missing or no number."""
    values = [one.get(name) for one in told]
    if not _KNOWN.issuperset(map(type, values)):  # numpy would take "12" and True for numbers
        values = [value if type(value) in _NUMBERS else None for value in values]
    return np.array(values, dtype=np.float64)
