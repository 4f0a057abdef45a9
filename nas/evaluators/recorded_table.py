"""Look-ups in what earlier searches measured, see `nas.tables.export`, instead of trainings."""

import logging
import math
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

import numpy as np

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.fidelity import Fidelity
from nas.search_spaces.base import DiscreteSpace, Genome, SearchSpace
from nas.tables.recorded import RecordedTable, read_recorded

SEEDS = ("mean", "random")
_TIMES = (("simulated_s",), ("train_s", "valid_s"))  # the first that are recorded
_KNOWN_BEFORE = ("parameters", "multiply_adds", "train_examples", "train_flops")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RecordedTableEvaluator(Evaluator):
    """A genome's metrics as searches recorded them.

    Metrics: the table's, apart from those that end in `_s`; and `simulated_s` (what `budget.simulated_s` counts): the
    recorded one, or else the recorded `train_s`, with `valid_s` where it is apart; mean over the genome's individuals.
    A genome that the table lacks is a failed child. Sealed test accuracies stay in the table; see `final_accuracy`.

    Attributes:
        space: whose choices are those of the table.
        path: the table.
        seeds: "mean" over a genome's individuals, or "random": the fitness of one of them, drawn by the child's seed,
            which keeps the signal as noisy as the trainings were.
        fitness: the metric that selection maximises.
    """

    space: SearchSpace
    path: str = field(metadata={"identity": False})
    seeds: str
    fitness: str = "valid_accuracy"
    name: ClassVar[str] = "recorded_table"
    writes_files: ClassVar[bool] = False
    is_instant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.seeds not in SEEDS:
            raise UserError(f"evaluator.seeds is {self.seeds!r}, allowed are {', '.join(SEEDS)}")
        if not isinstance(self.space, DiscreteSpace):
            raise UserError(f"evaluator=recorded_table needs a space made of choices, not {self.space.name!r}")
        table = self._table
        table.refuse_other(self.space, f"evaluator.path={self.path}")
        if self.fitness not in table.metrics:
            raise UserError(f"evaluator.fitness is {self.fitness!r}, the table has {', '.join(sorted(table.metrics))}")
        if self.seeds == "random" and self.fitness != table.fitness:
            raise UserError(
                f"evaluator.seeds is random with fitness={self.fitness}, the table has single values of "
                f"{table.fitness} only"
            )
        if len(table.rows) < table.size_of_space:
            logger.warning("%s, children of other genomes will fail", self._coverage(table))

    @property
    def _table(self) -> RecordedTable:
        return read_recorded(self.path)

    def identity(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("name", "seeds", "fitness")}
        return own | {"fingerprint": self._table.fingerprint}

    def evaluate(self, task: Task) -> Metrics:
        """
        Raises:
            UserError: the table lacks the genome. The sentence is the same for all, so that they count as one reason.
        """
        table, row = self._table, self._row(task.genome)
        if row is None:
            raise UserError(f"the genome is not in the table: {self._coverage(table)}")
        metrics = {name: _scalar(table, name, row) for name in table.metrics if not name.endswith("_s")}
        if self.seeds == "random":
            values = table.fitness_values[row, : table.count[row]]
            metrics[self.fitness] = float(values[Random(task.seed).randrange(len(values))])
        return metrics | self.cost(task.genome)

    def cost(self, genome: Genome, *, fidelity: Fidelity | None = None) -> Metrics:
        """As recorded; of a genome that the table lacks no more than that its failure takes no time."""
        table, row = self._table, self._row(genome)
        times = next((names for names in _TIMES if names[0] in table.metrics), ())
        if row is None:
            return {"simulated_s": 0.0} if times else {}
        found = {name: _scalar(table, name, row) for name in _KNOWN_BEFORE if name in table.metrics}
        seconds = [_scalar(table, name, row) for name in times if name in table.metrics]
        if any(value is not None for value in seconds):
            found["simulated_s"] = sum(value for value in seconds if value is not None)
        return {name: value for name, value in found.items() if value is not None}

    def final_accuracy(self, genome: Genome, part: str) -> float:
        """The mean validation or sealed test accuracy of a genome: what a finished search is judged by. No part of a
        search asks for it.

        Args:
            genome: one that the table holds.
            part: "valid" or "test"; NaN where test was not sealed.
        """
        table, row = self._table, self._row(genome)
        assert row is not None
        return float(table.sealed_test_accuracy[row] if part == "test" else table.metrics[table.fitness][row])

    def finals(self) -> "RecordedFinals | None":
        """What a comparison looks up once a search is finished; None unless test was sealed for every genome."""
        return None if np.isnan(self._table.sealed_test_accuracy).any() else RecordedFinals(self)

    def _row(self, genome: Genome) -> int | None:
        return self._table.rows.get(tuple(genome))

    def _coverage(self, table: RecordedTable) -> str:
        return f"{self.path} holds {len(table.rows):,} of the {table.size_of_space:,} genomes of {self.space.name}"


@dataclass(frozen=True)
class RecordedFinals:
    """Final accuracies of genomes in JSON form, see `RecordedTableEvaluator.final_accuracy`."""

    evaluator: RecordedTableEvaluator

    def test_accuracy(self, genome: Any) -> float:
        """As it was sealed."""
        return self.evaluator.final_accuracy(self.evaluator.space.from_json(genome), "test")

    def accuracies(self, genome: Any) -> dict[str, float]:
        """The one data set's."""
        read = self.evaluator.space.from_json(genome)
        return {part: self.evaluator.final_accuracy(read, part) for part in ("valid", "test")}

    def references(self) -> dict[str, tuple[Any, float]]:
        """The best of the table by validation."""
        table = self.evaluator._table
        fitness = table.metrics[table.fitness]
        row = int(np.nanargmax(fitness))
        genome = self.evaluator.space.to_json(tuple(table.genomes[row].tolist()))
        return {"best of the table": (genome, float(fitness[row]))}


def _scalar(table: RecordedTable, name: str, row: int) -> Any:
    value = table.metrics[name][row].item()
    return None if isinstance(value, float) and math.isnan(value) else value
