"""Test accuracies that a finished search's children sealed, for final reports: no part of a search reads them."""

import json

from nas.errors import UserError
from nas.evaluators.child import SEALED_FILE
from nas.search.children import Children
from nas.search.history import History

FINISHED = ("budget", "finished")


def is_finished(history: History) -> bool:
    """Whether the search used its budget and told something."""
    return history.closed is not None and history.closed["reason"] in FINISHED and bool(history.told_order)


def sealed_accuracy(history: History, number: int) -> float | None:
    """Of an individual; None while the search goes on, or where none was measured.

    Raises:
        UserError: the measurement is damaged.
    """
    if not is_finished(history):
        return None
    path = Children(history.path.parent, keep=0).folder(number) / SEALED_FILE
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["test_accuracy"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"the sealed accuracy {path} cannot be read: {error}") from error
