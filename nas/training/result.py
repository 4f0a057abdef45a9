"""What a training brings."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.parts import Part


@dataclass(frozen=True)
class FitResult:
    """How a training went.

    Attributes:
        valid_accuracy: after the last epoch; of a constant prediction where the training diverged.
        valid_loss: mean cross-entropy then; None where the training diverged.
        train_loss: of the last step; None where it is not finite.
        diverged: whether a loss was not finite.
        examples: training images shown, those before an interruption included.
        train_s, data_s, valid_s: seconds in this call, without those before an interruption: of the training from the
            first batch on, until images and first batch were there, and of measuring the validation part. Images of
            folders are decoded while the training goes on, and count as training from the second batch on.
        selection_accuracy: None unless it was asked for; of a constant prediction where the training diverged.
        test_accuracy: likewise.
        scores: of a metric other than accuracy, by part; of a constant prediction where the training diverged.
        notes: those of the call that began the training.
    """

    valid_accuracy: float
    valid_loss: float | None
    train_loss: float | None
    diverged: bool
    examples: int
    train_s: float
    data_s: float = 0.0
    valid_s: float = 0.0
    selection_accuracy: float | None = None
    test_accuracy: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    def timeless(self) -> "FitResult":
        """The same, as if it had taken no time."""
        return replace(self, data_s=0.0, train_s=0.0, valid_s=0.0)


def constant_accuracy(train: Part, measured: Part) -> float:
    """Accuracy on `measured` of always answering the commonest training class, the first of equally common ones."""
    return float(np.mean(measured.labels == _commonest(train)))


def constant_answers(train: Part, measured: Part, num_classes: int) -> NDArray[np.float64]:
    """The probabilities of that answer, `(images, classes)`."""
    answers = np.zeros((len(measured), num_classes))
    answers[:, _commonest(train)] = 1
    return answers


def _commonest(train: Part) -> int:
    return max(sorted(Counter(train.labels.tolist()).items()), key=lambda item: item[1])[0]
