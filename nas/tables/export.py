"""Journals as a table: one row per distinct genome, whatever searches it was measured in."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError
from nas.search.history import History
from nas.search.identity import differences
from nas.search.individual import Individual
from nas.search.sealed import sealed_accuracy
from nas.search_spaces.base import DiscreteSpace, Genome, SearchSpace
from nas.tables.recorded import RecordedTable, plain_choices

_DEFAULT_FITNESS = "valid_accuracy"
_INT64 = 2**63


def export_table(histories: Sequence[History], spaces: Sequence[SearchSpace]) -> RecordedTable:
    """What the searches measured.

    Sealed test accuracies are taken from finished searches alone.

    Args:
        histories: searches that measured in the same way; they may differ in algorithm, seed and budget.
        spaces: of each search.

    Raises:
        UserError: a space is not made of choices, two searches measured differently, or nothing was told.
    """
    space = _common_space(histories, spaces)
    individuals: dict[Genome, list[tuple[History, Individual]]] = defaultdict(list)
    for history in histories:
        for individual in sorted(history.comparable, key=lambda one: one.number):
            genome = space.from_json(individual.genome)
            space.validate(genome)
            individuals[genome].append((history, individual))
    if not individuals:
        raise UserError(f"nothing was told in {', '.join(map(_name, histories))}, so there is nothing to export")
    genomes = sorted(individuals)
    groups = [individuals[genome] for genome in genomes]
    told = [[individual for _, individual in group] for group in groups]
    names = sorted({name for group in told for individual in group for name in individual.metrics})
    columns = {name: _column([[one.metrics.get(name) for one in group] for group in told]) for name in names}
    first = histories[0].identity
    return RecordedTable(
        space=first["search_space"],
        choices=plain_choices(space),
        evaluator=first["evaluator"],
        runs=[_about(history) for history in histories],
        fitness=first["evaluator"].get("fitness", _DEFAULT_FITNESS),
        genomes=np.array(genomes, np.int32),
        count=np.array([len(group) for group in groups], np.int64),
        metrics={name: column for name, column in columns.items() if column is not None},
        fitness_values=_padded([[one.fitness for one in group] for group in told]),
        sealed_test_accuracy=_sealed(groups),
    )


def _common_space(histories: Sequence[History], spaces: Sequence[SearchSpace]) -> DiscreteSpace:
    first = spaces[0]
    for history, space in zip(histories, spaces, strict=True):
        if not isinstance(space, DiscreteSpace):
            raise UserError(f"search_space={space.name} of {_name(history)} is not made of choices, a table needs them")
        assert isinstance(first, DiscreteSpace)
        found = differences(
            {"evaluator": histories[0].identity["evaluator"]}, {"evaluator": history.identity["evaluator"]}
        )
        if space.name != first.name or plain_choices(space) != plain_choices(first):
            found = [f"search_space ({first!r} there, {space!r} here)", *found]
        if found:
            raise UserError(
                f"the searches {_name(histories[0])} and {_name(history)} cannot share a table, they differ in "
                + "; ".join(found)
            )
    assert isinstance(first, DiscreteSpace)
    return first


def _column(groups: list[list[Any]]) -> NDArray[Any] | None:
    """A metric's means by row; None where it is not a number anywhere."""
    values = [[value for value in group if isinstance(value, bool | int | float)] for group in groups]
    if not any(values):
        return None
    for kind, dtype in ((bool, np.bool_), (int, np.int64)):
        if all(
            len(set(own)) == 1 and {type(value) for value in own} == {kind} and abs(own[0]) < _INT64 for own in values
        ):
            return np.array([own[0] for own in values], dtype)
    return _means(values)


def _means(groups: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """By row. The mean of equal values is that value, to the bit."""
    return np.array([_mean(own) if own else math.nan for own in groups], np.float64)


def _mean(values: Sequence[float]) -> float:
    return values[0] if len(set(values)) == 1 else math.fsum(values) / len(values)


def _padded(groups: Sequence[Sequence[float | None]]) -> NDArray[np.float64]:
    array = np.full((len(groups), max(map(len, groups))), np.nan)
    for row, values in enumerate(groups):
        array[row, : len(values)] = values
    return array


def _sealed(groups: Sequence[Sequence[tuple[History, Individual]]]) -> NDArray[np.float64]:
    found = [[sealed_accuracy(history, individual.number) for history, individual in group] for group in groups]
    return _means([[value for value in group if value is not None] for group in found])


def _about(history: History) -> dict[str, Any]:
    return {"run": _name(history), "seed": history.identity["seed"], "algorithm": history.identity["algorithm"]}


def _name(history: History) -> str:
    return history.path.absolute().parent.name
