"""What every algorithm must hold."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from nas.algorithms.base import Algorithm
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME
from nas.search.resume import Replay
from nas.search.run import run_search
from nas.search.session import Result
from nas.search.state import SearchState
from nas.search_spaces.base import SearchSpace


class AlgorithmSuite(ABC):
    """Subclass it as `TestMyAlgorithm`; the algorithm must need fewer than 30 children to fill its population."""

    @abstractmethod
    def space(self) -> SearchSpace:
        """A space to search."""

    @abstractmethod
    def make(self, space: SearchSpace) -> Algorithm:
        """A fresh algorithm."""

    def fitness(self) -> Callable[[object, int], float]:
        """Of a genome and a seed; any function that tells genomes apart."""
        return lambda genome, seed: (seed % 1000) / 1000

    def search(self, folder: Path, budget: int = 60) -> Result:
        space = self.space()
        return run_search(
            space=space, algorithm=self.make(space), evaluator=self.fitness(), budget=budget, run=folder, verify=True
        )

    def drive(self, algorithm: Algorithm, children: int) -> list[tuple[int, ...]]:
        """Asks and tells one child at a time; returns who left with each."""
        gone = []
        for number in range(children):
            proposal = algorithm.ask(Random(number))
            algorithm.asked(number, proposal)
            fitness = self.fitness()(proposal.genome, number * 37)
            gone.append(proposal.removed + algorithm.told(Individual(number, proposal.genome, 0, fitness=fitness)))
        return gone

    def test_asking_changes_nothing(self) -> None:
        algorithm = self.make(self.space())
        self.drive(algorithm, 40)
        before = list(algorithm.population)
        assert algorithm.ask(Random(1)) == algorithm.ask(Random(1))
        assert list(algorithm.population) == before

    def test_proposals_are_valid_and_descend_from_the_living(self) -> None:
        space = self.space()
        algorithm = self.make(space)
        self.drive(algorithm, 40)
        for seed in range(20):
            proposal = algorithm.ask(Random(seed))
            space.validate(proposal.genome)
            assert set(proposal.parents) <= set(algorithm.population)
            assert set(proposal.removed) <= set(algorithm.population)

    def test_who_lives_is_who_was_told_and_not_removed(self) -> None:
        algorithm = self.make(self.space())
        gone = [number for numbers in self.drive(algorithm, 60) for number in numbers]
        assert len(gone) == len(set(gone))
        assert set(algorithm.population) == set(range(60)) - set(gone)

    def test_failed_children_never_join(self) -> None:
        algorithm = self.make(self.space())
        self.drive(algorithm, 40)
        proposal = algorithm.ask(Random(0))
        algorithm.asked(40, proposal)
        algorithm.failed(40)
        assert 40 not in algorithm.population

    def test_the_journal_knows_the_population(self, tmp_path: Path) -> None:
        space = self.space()
        path = self.search(tmp_path / "run").folder / FILE_NAME
        state = SearchState(self.make(space), cost=None)
        Replay(path, space, state, seed=0, verify=True, versions={}).run()
        alive = [individual.number for individual in History.load(path).alive]
        assert list(state.algorithm.population) == alive

    @pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9])
    def test_cut_and_resumed_it_is_the_same_search(self, tmp_path: Path, share: float) -> None:
        whole = self.search(tmp_path / "whole")
        journal = (tmp_path / "whole" / "history.jsonl").read_bytes()
        (tmp_path / "cut").mkdir()
        (tmp_path / "cut" / "history.jsonl").write_bytes(journal[: int(share * len(journal))])
        assert self.search(tmp_path / "cut").history().science() == whole.history().science()
