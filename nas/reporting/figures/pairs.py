"""Two measurements of the same individuals against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairsFigure:
    """
    Attributes:
        across, up: what is measured, as the axes say it.
        x, y: the measurements, at least one.
        numbers: of the individuals that a click opens, one for each pair.
        opens: whether the page holds them.
        same: whether both are the same quantity, so that pairs on the diagonal are equal.
        band: differences within so much of the diagonal are shaded; None shades none.
        words: the figure in words.
        marked: labels beside pairs, by their place.
    """

    across: str
    up: str
    x: Floats
    y: Floats
    numbers: Ints
    opens: NDArray[np.bool_]
    same: bool
    words: str
    band: float | None = None
    marked: Mapping[int, str] = field(default_factory=dict)
