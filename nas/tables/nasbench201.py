"""The official results of NAS-Bench-201 as the arrays that `evaluator=table` reads; `docs/tables.md` lists them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nas.errors import UserError
from nas.search_spaces.nasbench201 import EDGES, OPS, parse_nasbench201
from nas.tables.arrays import Arrays
from nas.tables.official import SCHEDULES, Official, read_official

NUM_ARCHITECTURES = len(OPS) ** len(EDGES)
_COMPLETE_SEED = 888  # where trainings disagree on a cost, the authors' own reader takes this one's


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the benchmark keeps what we call a data set: what it was trained on, and the names of parts."""

    trained_on: str
    valid: str
    tested_on: str  # CIFAR-10 is tested after training on the validation part too
    test: str
    both: str | None  # validation and test part together


_SOURCES = {
    "cifar10": _Source("cifar10-valid", "x-valid", "cifar10", "ori-test", None),
    "cifar100": _Source("cifar100", "x-valid", "cifar100", "x-test", "ori-test"),
    "in16": _Source("ImageNet16-120", "x-valid", "ImageNet16-120", "x-test", "ori-test"),
}


def convert_official(path: Path, progress: Callable[[int], None] = lambda done: None) -> Arrays:
    """The arrays of `nasbench201.npz`, a row for every architecture of the file.

    Args:
        path: see `nas.tables.official`.
        progress: told after every architecture how many are done.

    Raises:
        UserError: the files are missing, damaged, incomplete, or of another benchmark.
    """
    rows: list[dict[str, Any]] = []
    for official in read_official(path):
        rows.append(_row(path, official))
        progress(len(rows))
    ops = [row.pop("ops") for row in rows]
    if len(set(ops)) < len(ops):
        raise UserError(f"{path} holds an architecture twice: {len(ops)} rows, {len(set(ops))} architectures")
    arrays = {
        "ops": np.array([[OPS.index(op) for op in names] for names in ops], np.uint8),
        "op_names": np.array(OPS),
        "iso_class": _classes(ops),
        "n_seeds": np.array([row.pop("n_seeds") for row in rows], np.int8),
    }
    for name in rows[0]:
        column = [row[name] for row in rows]
        arrays[name] = _padded(column) if name.endswith("_seeds") else np.array(column, np.float32)
    return arrays


def _row(path: Path, official: Official) -> dict[str, Any]:
    try:
        return {"ops": parse_nasbench201(official.text), **_values(official)}
    except UserError as error:
        raise UserError(f"{path} is no topology benchmark: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = error.args[0] if error.args else error
        raise UserError(
            f"{path} lacks {what!r} of architecture {official.index}; NATS-tss-v1_0-3ffb9 and "
            "NAS-Bench-201-v1_1-096897 hold what is needed, older files do not"
        ) from error


def _values(official: Official) -> dict[str, Any]:
    full, short = (official.results[epochs] for epochs in sorted(SCHEDULES, reverse=True))
    values: dict[str, Any] = {}
    for data, source in _SOURCES.items():
        trainings = _trainings(full, source.trained_on)
        values[f"{data}_params_m"] = _cost(trainings, "params")
        values[f"{data}_flops_m"] = _cost(trainings, "flop")
        valid = _accuracies(trainings, source.valid)
        values[f"{data}_valid_200"] = _mean(valid)
        values[f"{data}_test_200"] = _mean(_accuracies(_trainings(full, source.tested_on), source.test))
        values[f"{data}_valid_12"] = _mean(_accuracies(_trainings(short, source.trained_on), source.valid))
        values[f"{data}_test_12"] = _mean(_accuracies(_trainings(short, source.tested_on), source.test))
        values[f"{data}_train_s_200"] = _mean([sum(one["train_times"].values()) for one in trainings.values()])
        if source.both is None:
            values[f"{data}_valid_200_seeds"] = valid
            values["n_seeds"] = len(valid)
        else:
            values[f"{data}_valtest_200_seeds"] = _accuracies(trainings, source.both)
            values[f"{data}_valtest_200"] = _mean(values[f"{data}_valtest_200_seeds"])
    return values


def _trainings(results: Mapping[str, Any], data: str) -> dict[int, Mapping[str, Any]]:
    """By seed, in the order of seeds."""
    return {seed: results["all_results"][data, seed] for seed in sorted(results["dataset_seed"][data])}


def _accuracies(trainings: Mapping[int, Mapping[str, Any]], part: str) -> list[float]:
    """After the last epoch, in per cent."""
    return [float(one["eval_acc1es"][f"{part}@{one['epochs'] - 1}"]) for one in trainings.values()]


def _cost(trainings: Mapping[int, Mapping[str, Any]], name: str) -> float:
    found = {seed: float(one[name]) for seed, one in trainings.items()}
    agree = len({round(value, 5) for value in found.values()}) == 1
    return _mean(list(found.values())) if agree else found[_COMPLETE_SEED]


def _mean(values: list[float]) -> float:
    if not values:
        raise KeyError("a training")
    return sum(values) / len(values)


def _padded(column: list[list[float]]) -> Any:
    array = np.full((len(column), max(map(len, column))), np.nan, np.float32)
    for row, values in enumerate(column):
        array[row, : len(values)] = values
    return array


def _classes(ops: Iterable[tuple[str, ...]]) -> Any:
    """The rank of each cell's expression among those of the file, as the benchmark tells isomorphic cells."""
    expressions = [_expression(names) for names in ops]
    ranks = {expression: rank for rank, expression in enumerate(sorted(set(expressions)))}
    return np.array([ranks[expression] for expression in expressions], np.int16)


def _expression(ops: tuple[str, ...]) -> str:
    """The output node as a sum over its edges: `none` and what follows it is `#`, `skip_connect` is its source."""
    nodes = ["0"]
    for target in range(1, 1 + max(target for _, target in EDGES)):
        terms = []
        for (source, at), op in zip(EDGES, ops, strict=True):
            if at == target:
                below = nodes[source]
                is_zero = op == "none" or below == "#"
                terms.append("#" if is_zero else below if op == "skip_connect" else f"({below})@{op}")
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]
