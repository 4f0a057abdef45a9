"""What every evaluator must hold."""

import json
import pickle
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from random import Random

import pytest

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import run_child
from nas.fidelity import Fidelity
from nas.search.identity import identity_of
from nas.search_spaces.base import SearchSpace
from nas.testing.processes import elsewhere
from nas.testing.rules import rule


class EvaluatorSuite(ABC):
    """Subclass it as `TestMyEvaluator`."""

    @abstractmethod
    def space(self) -> SearchSpace:
        """Whose genomes it measures."""

    @abstractmethod
    def make(self, space: SearchSpace) -> Evaluator:
        """The evaluator under test."""

    def run(self, evaluator: Evaluator, child: Path, attempt: int = 1) -> Metrics:
        """The metrics of one attempt that must not depend on when it ran."""
        metrics = self.measure(evaluator, child, attempt)
        return {name: value for name, value in metrics.items() if not name.endswith("_s")}

    def measure(self, evaluator: Evaluator, child: Path, attempt: int = 1) -> Metrics:
        """One attempt, in a folder of its own."""
        folder = child / f"attempt-{attempt}"
        folder.mkdir(parents=True)
        genome = self.space().initial(Random(0))
        task = Task(0, genome, 1, attempt, folder if evaluator.writes_files else None)
        return run_child(evaluator, task, capture_log=False).metrics

    def metrics_as_json(self) -> Metrics:
        """For comparisons between processes."""
        with tempfile.TemporaryDirectory() as folder:
            return self.run(self.make(self.space()), Path(folder))

    @rule("metrics are plain scalars, and the one named by fitness is a float")
    def test_it_measures_its_fitness(self, tmp_path: Path) -> None:
        evaluator = self.make(self.space())
        metrics = self.run(evaluator, tmp_path)
        assert isinstance(metrics[evaluator.fitness], float)
        json.dumps(metrics, allow_nan=False)

    @rule(
        "an evaluator is picklable and without state: the same task has the same metrics, metrics that end in _s apart"
    )
    def test_the_same_task_has_the_same_metrics_again_and_pickled(self, tmp_path: Path) -> None:
        """An attempt may be repeated at any time, by any worker."""
        evaluator = self.make(self.space())
        there = pickle.loads(pickle.dumps(evaluator))
        first = self.run(evaluator, tmp_path, attempt=1)
        assert self.run(evaluator, tmp_path, attempt=2) == first
        assert self.run(there, tmp_path, attempt=3) == first

    @rule("a fresh process measures the same")
    def test_a_fresh_process_measures_the_same(self) -> None:
        assert elsewhere(self, "metrics_as_json", hash_seed=12345) == self.metrics_as_json()

    @rule("what cost says beforehand is what evaluate tells; memory_gb is no metric")
    def test_costs_known_before_are_those_measured(self, tmp_path: Path) -> None:
        """Memory alone is an estimate and never told."""
        evaluator = self.make(self.space())
        cost = evaluator.cost(self.space().initial(Random(0)))
        metrics = self.measure(evaluator, tmp_path)
        assert "memory_gb" not in metrics
        cost.pop("memory_gb", None)
        assert {name: metrics[name] for name in cost} == cost

    @rule("a fidelity that an evaluator does not know is refused with a UserError")
    def test_unknown_fidelities_are_refused(self) -> None:
        evaluator = self.make(self.space())
        for fidelity in (Fidelity(epochs=1), Fidelity(fraction=0.5), Fidelity(image_size=8)):
            if not set(fidelity.plain()) <= set(evaluator.fidelities):
                with pytest.raises(UserError):
                    evaluator.check_fidelity(fidelity)

    @rule("an evaluator has an identity of plain data, equal for equal ones")
    def test_it_has_an_identity(self) -> None:
        identity = identity_of(self.make(self.space()))
        json.dumps(identity, allow_nan=False)
        assert identity_of(self.make(self.space())) == identity
