"""The share of right answers."""

from dataclasses import dataclass
from typing import ClassVar

from nas.metrics.base import ACCURACY, Labels, Metric, Probabilities


@dataclass(frozen=True, kw_only=True)
class Accuracy(Metric):
    """Of the classes of highest probability."""

    name: ClassVar[str] = ACCURACY

    def value(self, labels: Labels, probabilities: Probabilities) -> float:
        return float((probabilities.argmax(1) == labels).mean())
