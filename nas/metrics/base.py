"""The contract of a metric."""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError

ACCURACY = "accuracy"
_TAKEN = ("loss", "accuracy_sd")  # names of other metrics of the validation part

Labels = NDArray[np.int64]
Probabilities = NDArray[np.float64]


class Metric(ABC):
    """A number that says how good answers are; more is better. Picklable and without state.

    Subclasses are dataclasses; their init fields are part of the search's identity.

    Attributes:
        name: a word; the fitness is then `valid_NAME`.
    """

    name: ClassVar[str]

    @abstractmethod
    def value(self, labels: Labels, probabilities: Probabilities) -> float:
        """
        Args:
            labels: of a whole part, `(images,)`; classes may be missing.
            probabilities: that the network gives each class, `(images, classes)`; those of an image sum to 1.

        Raises:
            UserError: it is not defined for these labels.
        """


def check_metric(metric: Any) -> None:
    """
    Raises:
        UserError: it has no name that can stand in a journal, or no value.
    """
    name = getattr(metric, "name", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise UserError(f"metric has the name {name!r}, it must be a word such as macro_f1")
    from nas.metrics.accuracy import Accuracy

    if name in _TAKEN or (name == ACCURACY and type(metric) is not Accuracy):
        raise UserError(f"metric has the name {name!r}, which is taken: give it another")
    if not callable(getattr(metric, "value", None)):
        raise UserError(f"the metric {name} has no method value(labels, probabilities)")


def metric_value(metric: Metric, labels: Labels, probabilities: Probabilities) -> float:
    """
    Raises:
        UserError: the metric is not defined here, or gives no finite number.
    """
    value = metric.value(labels, probabilities)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"the metric {metric.name} gives {value!r}, it must give a finite number")
    return number


def present_classes(labels: Labels) -> list[int]:
    """Classes that have images, in ascending order."""
    return np.unique(labels).tolist()
