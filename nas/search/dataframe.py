"""A search as a table: one row for each individual."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nas.errors import UserError

if TYPE_CHECKING:
    from nas.search.history import History


def rows(history: "History") -> Iterator[dict[str, Any]]:
    """Plain rows in the order of numbers; metrics under their own names, those of a reduced evaluation as
    `fidelity_epochs` and so on. `place` is the position in the order of telling, from 1; None if it has no fitness."""
    places = {number: place for place, number in enumerate(history.told_order, start=1)}
    alive = {individual.number for individual in history.alive}
    for individual in history.individuals:
        reduced = individual.fidelity.plain() if individual.fidelity else {}
        yield {
            "number": individual.number,
            "place": places.get(individual.number),
            "state": individual.state.value,
            "fitness": individual.fitness,
            "alive": individual.number in alive,
            "parents": list(individual.parents),
            "mutation": individual.mutation.name if individual.mutation else None,
            "genome": individual.genome,
            "seed": individual.seed,
            **{f"fidelity_{name}": value for name, value in reduced.items()},
            "asked_s": individual.asked_s,
            "finished_s": individual.finished_s,
            "device_s": individual.device_s,
            "reason": individual.reason,
            **individual.metrics,
        }


def dataframe(history: "History") -> Any:
    """The rows as a `pandas.DataFrame`.

    Raises:
        UserError: pandas is not installed.
    """
    try:
        pandas = import_module("pandas")
    except ImportError as error:
        raise UserError("History.to_dataframe needs pandas: pip install 'nas-evolve[dataframe]'") from error
    return pandas.DataFrame.from_records(list(rows(history)))
