"""Metrics beside torchmetrics, which computes them on its own, and beside scikit-learn's one-call forms."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_auroc,
    multiclass_f1_score,
)

from nas.errors import UserError
from nas.metrics.accuracy import Accuracy
from nas.metrics.auroc import Auroc
from nas.metrics.balanced_accuracy import BalancedAccuracy
from nas.metrics.base import Metric, check_metric, metric_value
from nas.metrics.macro_f1 import MacroF1

METRICS = (Accuracy(), BalancedAccuracy(), MacroF1(), Auroc())


def answers(seed: int, classes: int = 5, images: int = 300, missing: int = 0) -> tuple[Any, Any]:
    """Labels of unequal classes, of which the last `missing` have none, and probabilities that know something."""
    rng = np.random.default_rng(seed)
    shares = np.arange(1, classes - missing + 1) / sum(range(1, classes - missing + 1))
    labels = rng.choice(classes - missing, images, p=shares)
    logits = rng.normal(size=(images, classes))
    logits[np.arange(images), labels] += 1
    return labels, torch.from_numpy(logits).softmax(1).numpy()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("classes", [2, 5])
def test_the_same_numbers_as_torchmetrics(seed: int, classes: int) -> None:
    labels, probabilities = answers(seed, classes)
    true, given = torch.from_numpy(labels), torch.from_numpy(probabilities)
    theirs = [
        multiclass_accuracy(given, true, classes, average="micro"),
        multiclass_accuracy(given, true, classes, average="macro"),
        multiclass_f1_score(given, true, classes, average="macro"),
        multiclass_auroc(given, true, classes, average="macro"),
    ]
    ours = [metric_value(metric, labels, probabilities) for metric in METRICS]
    assert ours == pytest.approx([float(value) for value in theirs], abs=1e-6)


def test_the_same_numbers_as_scikit_learn() -> None:
    labels, probabilities = answers(7)
    assert BalancedAccuracy().value(labels, probabilities) == pytest.approx(
        balanced_accuracy_score(labels, probabilities.argmax(1))
    )
    assert Auroc().value(labels, probabilities) == pytest.approx(
        roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    )


def test_classes_without_an_image_are_left_out_of_the_mean() -> None:
    labels, probabilities = answers(3, missing=2)
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        theirs = balanced_accuracy_score(labels, probabilities.argmax(1))
    assert BalancedAccuracy().value(labels, probabilities) == pytest.approx(theirs)
    for metric in (MacroF1(), Auroc()):
        assert 0.3 < metric.value(labels, probabilities) < 1


def test_a_constant_answer_has_the_value_of_chance() -> None:
    labels, _ = answers(1)
    constant = np.zeros((len(labels), 5))
    constant[:, 4] = 1
    assert BalancedAccuracy().value(labels, constant) == pytest.approx(1 / 5)
    assert Auroc().value(labels, constant) == 0.5
    precision = (labels == 4).mean()
    assert MacroF1().value(labels, constant) == pytest.approx(2 * precision / (precision + 1) / 5)


def test_auroc_needs_two_classes() -> None:
    with pytest.raises(UserError, match="metric=auroc needs images of at least two classes"):
        Auroc().value(np.zeros(3, np.int64), np.full((3, 2), 0.5))


class Own(Metric):
    name = "own"

    def __init__(self, given: Any = 0.5) -> None:
        self.given = given

    def value(self, labels: Any, probabilities: Any) -> Any:
        return self.given


def test_a_metric_of_ones_own_needs_a_name_and_a_finite_value() -> None:
    labels, probabilities = answers(0)
    check_metric(Own())
    assert metric_value(Own(np.float32(0.25)), labels, probabilities) == 0.25
    for given in (float("nan"), None, "high", float("inf")):
        with pytest.raises(UserError, match=r"the metric own gives .* finite number"):
            metric_value(Own(given), labels, probabilities)
    for name in ("loss", "accuracy", "two words", "", None):
        named = type("Named", (Own,), {"name": name})()
        with pytest.raises(UserError, match="metric has the name"):
            check_metric(named)
    with pytest.raises(UserError, match="no method value"):
        check_metric(type("Nothing", (), {"name": "nothing"})())
