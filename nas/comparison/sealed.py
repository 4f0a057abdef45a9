"""Test accuracies of a finished search's children, for final reports alone: no part of a search reads them."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from nas.errors import UserError
from nas.search.history import History

FINISHED = ("budget", "finished")
SEALED_FILE = "sealed.json"


class Finals(Protocol):
    """Where final accuracies of genomes (in JSON form) can be looked up: a table."""

    def test_accuracy(self, genome: Any) -> float:
        """On the search's own data set."""
        ...

    def accuracies(self, genome: Any) -> Mapping[str, float]:
        """All that are known, by name."""
        ...


def is_finished(history: History) -> bool:
    """Whether the search used its budget and told something."""
    return history.closed is not None and history.closed["reason"] in FINISHED and bool(history.told)


def sealed_accuracies(history: History, finals: Finals | None) -> list[float] | None:
    """Of every told individual, in the order of telling; None while the search goes on, or where they are not known.

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
    children = history.path.parent / "children"
    found = []
    for individual in history.told:
        path = children / f"{individual.number:06d}" / SEALED_FILE
        try:
            found.append(float(json.loads(path.read_text(encoding="utf-8"))["test_accuracy"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"the sealed test accuracy {path} cannot be read: {error}") from error
    return found
