"""The share of right answers in each class, then the mean over classes: rare classes count as much as common ones."""

from dataclasses import dataclass
from typing import ClassVar

from nas.metrics.base import Labels, Metric, Probabilities, present_classes


@dataclass(frozen=True, kw_only=True)
class BalancedAccuracy(Metric):
    """As scikit-learn's `balanced_accuracy_score`; classes without an image are left out of the mean."""

    name: ClassVar[str] = "balanced_accuracy"

    def value(self, labels: Labels, probabilities: Probabilities) -> float:
        from sklearn.metrics import recall_score

        present = present_classes(labels)
        return float(recall_score(labels, probabilities.argmax(1), labels=present, average="macro", zero_division=0.0))
