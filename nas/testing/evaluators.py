"""What every evaluator must hold."""

import json
import pickle
from abc import ABC, abstractmethod
from pathlib import Path
from random import Random

from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import run_child
from nas.search.identity import identity_of
from nas.search_spaces.base import SearchSpace


class EvaluatorSuite(ABC):
    """Subclass it as `TestMyEvaluator`."""

    @abstractmethod
    def space(self) -> SearchSpace:
        """Whose genomes it measures."""

    @abstractmethod
    def make(self, space: SearchSpace) -> Evaluator:
        """The evaluator under test."""

    def run(self, evaluator: Evaluator, folder: Path, seed: int = 1) -> Metrics:
        folder.mkdir(parents=True)
        genome = self.space().initial(Random(0))
        task = Task(0, genome, seed, folder=folder if evaluator.writes_files else None)
        return run_child(evaluator, task, capture_log=False).metrics

    def science(self, metrics: Metrics) -> Metrics:
        return {name: value for name, value in metrics.items() if not name.endswith("_s")}

    def test_it_measures_its_fitness(self, tmp_path: Path) -> None:
        evaluator = self.make(self.space())
        metrics = self.run(evaluator, tmp_path / "a" / "attempt-1")
        assert isinstance(metrics[evaluator.fitness], float)
        json.dumps(metrics, allow_nan=False)

    def test_the_same_task_has_the_same_metrics_here_and_pickled(self, tmp_path: Path) -> None:
        evaluator = self.make(self.space())
        there = pickle.loads(pickle.dumps(evaluator))
        here = self.run(evaluator, tmp_path / "a" / "attempt-1")
        assert self.science(self.run(there, tmp_path / "b" / "attempt-1")) == self.science(here)

    def test_costs_known_before_are_those_measured(self, tmp_path: Path) -> None:
        evaluator = self.make(self.space())
        cost = evaluator.cost(self.space().initial(Random(0)))
        metrics = self.run(evaluator, tmp_path / "a" / "attempt-1")
        assert {name: metrics[name] for name in cost} == cost

    def test_it_has_an_identity(self) -> None:
        json.dumps(identity_of(self.make(self.space())), allow_nan=False)
