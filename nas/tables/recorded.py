"""Tables of our own searches: what was measured of each genome, as one `.npz` file."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError
from nas.search_spaces.base import DiscreteSpace, Genome
from nas.tables.arrays import Arrays, content_fingerprint, read_arrays, write_arrays

FORMAT = "nas-table"
VERSION = 1
_METRIC = "metric_"
_TEXTS = ("space", "choices", "evaluator", "runs")
_NUMBERS = ("genomes", "count", "fitness_values", "sealed_test_accuracy")
_NEEDED = ("fitness", *_TEXTS, *_NUMBERS)


@dataclass(frozen=True)
class RecordedTable:
    """A row for each distinct genome, in the order of genomes.

    Attributes:
        space: the identity of the search space.
        choices: name and options of each decision; what a genome's indices mean.
        evaluator: the identity of what measured.
        runs: the searches it was made from, as name, seed and algorithm.
        fitness: name of the metric that selection maximised.
        genomes: indices of options, `(rows, choices)`.
        count: how many individuals were told of each genome, `(rows,)`.
        metrics: by name, `(rows,)`: the mean over a genome's individuals; NaN where none told a number. Whole numbers
            and truth values that never differ keep their type.
        fitness_values: of every individual, `(rows, most individuals of one genome)`, padded with NaN.
        sealed_test_accuracy: mean over the genome's sealed measurements, `(rows,)`; NaN without one.
    """

    space: Mapping[str, Any]
    choices: Sequence[Any]
    evaluator: Mapping[str, Any]
    runs: Sequence[Mapping[str, Any]]
    fitness: str
    genomes: NDArray[np.int32]
    count: NDArray[np.int64]
    metrics: Mapping[str, NDArray[Any]]
    fitness_values: NDArray[np.float64]
    sealed_test_accuracy: NDArray[np.float64]

    @cached_property
    def rows(self) -> dict[Genome, int]:
        """Where each genome is."""
        return {tuple(genome): row for row, genome in enumerate(self.genomes.tolist())}

    @cached_property
    def size_of_space(self) -> int:
        return math.prod(len(options) for _, options in self.choices)

    @cached_property
    def fingerprint(self) -> str:
        """Of everything but the searches' names."""
        return content_fingerprint({name: array for name, array in self.arrays().items() if name != "runs"})

    def arrays(self) -> Arrays:
        """As they are stored."""
        texts = {name: np.array(json.dumps(getattr(self, name), sort_keys=True)) for name in _TEXTS}
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        metrics = {_METRIC + name: array for name, array in self.metrics.items()}
        head = {"format": np.array(FORMAT), "version": np.array(VERSION), "fitness": np.array(self.fitness)}
        return {**head, **texts, **numbers, **metrics}

    def write(self, path: Path) -> None:
        """
        Raises:
            UserError: it cannot be written.
        """
        write_arrays(path, self.arrays())

    def refuse_other(self, space: DiscreteSpace, what: str) -> None:
        """
        Raises:
            UserError: the space's genomes do not mean what the table's do.
        """
        mine = str(self.space.get("name"))
        if space.name != mine:
            raise UserError(f"{what} is of search_space={mine}, not of {space.name}")
        if plain_choices(space) != self.choices:
            raise UserError(f"{what} is of search_space={mine} with other choices: {_difference(self.choices, space)}")


def plain_choices(space: DiscreteSpace) -> list[Any]:
    """Name and options of every choice, as they read back from JSON."""
    return json.loads(json.dumps([[choice.name, list(choice.options)] for choice in space.choices]))


@lru_cache(maxsize=4)
def read_recorded(path: str) -> RecordedTable:
    """A table that `RecordedTable.write` wrote.

    Raises:
        UserError: it is missing, damaged, or no such table.
    """
    what = f"evaluator.path={path}"
    try:
        arrays = read_arrays(path, what)
    except FileNotFoundError as error:
        raise UserError(
            f"there is no table at {what}: `python -m nas.table run=NAME out={path}` makes one of a search"
        ) from error
    if str(arrays.get("format")) != FORMAT or not all(name in arrays for name in _NEEDED):
        raise UserError(f"{what} is no table of a search: `python -m nas.table run=NAME out=FILE.npz` makes one")
    if int(arrays["version"]) > VERSION:
        raise UserError(f"{what} has version {arrays['version']}, this nas reads up to {VERSION}")
    metrics = {name.removeprefix(_METRIC): array for name, array in arrays.items() if name.startswith(_METRIC)}
    rows = len(arrays["genomes"])
    if any(len(array) != rows for array in (arrays["count"], arrays["fitness_values"], *metrics.values())):
        raise UserError(f"{what} is damaged: its arrays have different numbers of rows")
    texts: dict[str, Any] = {name: json.loads(str(arrays[name])) for name in _TEXTS}
    numbers: dict[str, Any] = {name: arrays[name] for name in _NUMBERS}
    return RecordedTable(fitness=str(arrays["fitness"]), metrics=metrics, **texts, **numbers)


def _difference(there: Sequence[Any], space: DiscreteSpace) -> str:
    here = plain_choices(space)
    if len(there) != len(here):
        return f"{len(there)} there, {len(here)} here"
    first = next(index for index, pair in enumerate(zip(there, here, strict=True)) if pair[0] != pair[1])
    return f"choice {first} is {there[first]} there, {here[first]} here"
