"""A metric of many individuals as numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.search.individual import Individual

_NUMBERS = (int, float)


def metric_column(individuals: Sequence[Individual], name: str) -> NDArray[np.float64]:
    """The metric of each, nan where it is missing or no number."""
    values = (individual.metrics.get(name) for individual in individuals)
    numbers = (value if type(value) in _NUMBERS else np.nan for value in values)
    return np.fromiter(numbers, np.float64, len(individuals))
