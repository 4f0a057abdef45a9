"""Test accuracies of a finished search's individuals: looked up in a table, or sealed by its children."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nas.search.history import History
from nas.search.sealed import is_finished, sealed_accuracy


@dataclass(frozen=True, slots=True)
class Reference:
    """An architecture that no search found, beside those that were.

    Attributes:
        name: what it is.
        valid: the fitness that a search would see.
        test: test accuracy on the search's own data set.
        finals: see `Finals.accuracies`.
    """

    name: str
    valid: float
    test: float
    finals: Mapping[str, float]


class Finals(Protocol):
    """Where final accuracies of genomes (in JSON form) can be looked up: a table."""

    def test_accuracy(self, genome: Any) -> float:
        """On the search's own data set."""
        ...

    def accuracies(self, genome: Any) -> Mapping[str, float]:
        """All that are known, by name."""
        ...

    def references(self) -> Mapping[str, tuple[Any, float]]:
        """Published architectures and the table's best: genome in JSON form and fitness, by name."""
        ...


def references(finals: Finals | None) -> tuple[Reference, ...]:
    """What there is to hold a search's finds against; nothing where no table is."""
    found = finals.references() if finals is not None else {}
    return tuple(
        Reference(name, valid, finals.test_accuracy(genome), finals.accuracies(genome))
        for name, (genome, valid) in found.items()
        if finals is not None
    )


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
