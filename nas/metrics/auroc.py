"""The area under the ROC curve of each class against the others, then the mean over classes."""

from dataclasses import dataclass
from typing import ClassVar

from nas.errors import UserError
from nas.metrics.base import Labels, Metric, Probabilities, present_classes


@dataclass(frozen=True, kw_only=True)
class Auroc(Metric):
    """As scikit-learn's `roc_auc_score(multi_class="ovr", average="macro")`: how well probabilities rank, whatever the
    threshold; 0.5 is chance. Classes without an image are left out of the mean.
    """

    name: ClassVar[str] = "auroc"

    def value(self, labels: Labels, probabilities: Probabilities) -> float:
        from sklearn.metrics import roc_auc_score

        present = present_classes(labels)
        if len(present) < 2:
            raise UserError("metric=auroc needs images of at least two classes to measure on, there are those of one")
        areas = [roc_auc_score(labels == label, probabilities[:, label]) for label in present]
        return float(sum(areas) / len(areas))
