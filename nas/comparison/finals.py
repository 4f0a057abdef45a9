"""Test accuracies of a finished search's individuals: looked up in a table, or sealed by its children."""

from collections.abc import Mapping
from typing import Any, Protocol

from nas.search.history import History
from nas.search.sealed import is_finished, sealed_accuracy


class Finals(Protocol):
    """Where final accuracies of genomes (in JSON form) can be looked up: a table."""

    def test_accuracy(self, genome: Any) -> float:
        """On the search's own data set."""
        ...

    def accuracies(self, genome: Any) -> Mapping[str, float]:
        """All that are known, by name."""
        ...


def known_accuracies(history: History, finals: Finals | None) -> list[float] | None:
    """Of every told individual, in the order of telling; None while the search goes on, or where one is not known.

    Args:
        finals: where they are looked up; None opens the sealed measurements in the children's folders, which a search
            with evaluator.sealed_test=true left.

    Raises:
        UserError: a sealed measurement is damaged.
    """
    if not is_finished(history):
        return None
    if finals is not None:
        return [finals.test_accuracy(individual.genome) for individual in history.told]
    found = []
    for individual in history.told:
        accuracy = sealed_accuracy(history, individual.number)
        if accuracy is None:
            return None
        found.append(accuracy)
    return found
