"""The F1 score of each class, the harmonic mean of precision and recall, then the mean over classes."""

from dataclasses import dataclass
from typing import ClassVar

from nas.metrics.base import Labels, Metric, Probabilities, present_classes


@dataclass(frozen=True, kw_only=True)
class MacroF1(Metric):
    """As scikit-learn's `f1_score(average="macro")` over the classes that have images; never answered counts as 0."""

    name: ClassVar[str] = "macro_f1"

    def value(self, labels: Labels, probabilities: Probabilities) -> float:
        from sklearn.metrics import f1_score

        present = present_classes(labels)
        return float(f1_score(labels, probabilities.argmax(1), labels=present, average="macro", zero_division=0.0))
