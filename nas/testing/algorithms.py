"""What every algorithm must hold."""

import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nas.algorithms.base import Algorithm, Proposal
from nas.errors import UserError
from nas.fidelity import Fidelity
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME
from nas.search.resume import Replay
from nas.search.run import run_search
from nas.search.session import Result
from nas.search.state import SearchState
from nas.search_spaces.base import Genome, SearchSpace
from nas.testing.processes import elsewhere
from nas.testing.rules import rule


def unlucky(genome: Genome, seed: int, fidelity: Fidelity | None = None) -> dict[str, float]:
    """Tells genomes apart, and fails for every fifth seed. Takes any fidelity."""
    if seed % 5 == 0:
        raise RuntimeError("unlucky")
    return {"valid_accuracy": (seed % 1000) / 1000, "parameters": seed % 97}


class AlgorithmSuite(ABC):
    """Subclass it as `TestMyAlgorithm`; the algorithm must need fewer than 30 children to fill its population."""

    @abstractmethod
    def space(self) -> SearchSpace:
        """A space to search."""

    @abstractmethod
    def make(self, space: SearchSpace) -> Algorithm:
        """A fresh algorithm."""

    def bound(self, algorithm: Algorithm) -> int:
        """How many may be alive at most."""
        return getattr(algorithm, "population_size", 0)

    def search(self, folder: Path, budget: int = 60) -> Result:
        space = self.space()
        return run_search(
            space=space, algorithm=self.make(space), evaluator=unlucky, budget=budget, run=folder, verify=True
        )

    def drive(self, algorithm: Algorithm, steps: int, in_flight: int = 1) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Keeps children in flight, of which any finishes next and every sixth fails.

        Yields:
            What happened after each step, and who left with it.
        """
        rng, flying = Random(0), dict[int, Proposal]()
        for number in range(steps):
            flying[number] = proposal = algorithm.ask(Random(number))
            algorithm.asked(number, proposal)
            yield f"asked {number}", proposal.removed
            while len(flying) == in_flight:
                finished = rng.choice(list(flying))
                genome, fidelity = flying[finished].genome, flying.pop(finished).fidelity
                if rng.random() < 1 / 6:
                    algorithm.failed(finished)
                    yield f"failed {finished}", ()
                else:
                    metrics = {"parameters": finished * 61 % 97}
                    individual = Individual(finished, genome, 0, fidelity=fidelity, metrics=metrics)
                    individual.fitness = rng.random()
                    yield f"told {finished}", algorithm.told(individual)

    def driven(self, steps: int = 60, in_flight: int = 1) -> Algorithm:
        algorithm = self.make(self.space())
        for _ in self.drive(algorithm, steps, in_flight):
            pass
        return algorithm

    def asks_as_json(self) -> list[Any]:
        """The next children of a driven algorithm, for comparisons between processes."""
        space, algorithm = self.space(), self.driven(in_flight=3)
        proposals = [algorithm.ask(Random(seed)) for seed in range(20)]
        return [
            [space.to_json(asked.genome), asked.parents, asked.removed, dict(asked.record), str(asked.fidelity)]
            for asked in proposals
        ]

    @rule("ask changes no state, and takes all randomness from rng")
    def test_asking_changes_nothing(self) -> None:
        asked, other = self.driven(), self.driven()
        before = list(asked.population)
        for seed in range(50):
            assert asked.ask(Random(seed)) == asked.ask(Random(seed))
        assert list(asked.population) == before
        assert list(self.drive(asked, 20)) == list(self.drive(other, 20))

    @rule("proposals are valid genomes; parents and removed are members of the population")
    def test_proposals_are_valid_and_descend_from_the_living(self) -> None:
        space, algorithm = self.space(), self.driven()
        for seed in range(20):
            proposal = algorithm.ask(Random(seed))
            space.validate(proposal.genome)
            assert set(proposal.parents) <= set(algorithm.population)
            assert set(proposal.removed) <= set(algorithm.population)

    @pytest.mark.parametrize("in_flight", [1, 3, 8])
    @rule(
        "the population is who was told and not removed, oldest first, nobody leaves twice, and it "
        "stays bounded (suite.bound)"
    )
    def test_who_lives_is_who_was_told_and_not_removed(self, in_flight: int) -> None:
        """At every step, with any number of children in flight; nobody dies twice, and the population stays bounded."""
        algorithm = self.make(self.space())
        told, gone = list[int](), list[int]()
        for what, removed in self.drive(algorithm, 120, in_flight):
            kind, _, number = what.partition(" ")
            if kind == "told":
                told.append(int(number))
            gone += removed
            assert len(gone) == len(set(gone))
            assert list(algorithm.population) == [number for number in told if number not in gone]
            assert len(algorithm.population) <= self.bound(algorithm) + in_flight - 1

    @rule("a failed child never joins the population")
    def test_failed_children_never_join(self) -> None:
        algorithm = self.driven()
        before = list(algorithm.population)
        proposal = algorithm.ask(Random(0))
        algorithm.asked(60, proposal)
        algorithm.failed(60)
        assert list(algorithm.population) == [number for number in before if number not in proposal.removed]

    @rule("a deep copy shares no state with the algorithm")
    def test_a_copy_goes_its_own_way(self) -> None:
        algorithm = self.driven()
        before = list(algorithm.population)
        for _ in self.drive(copy.deepcopy(algorithm), 30):
            pass
        assert list(algorithm.population) == before

    @rule("the order of sets and dicts reaches no proposal: another process asks for the same")
    def test_hash_seeds_do_not_matter(self) -> None:
        assert elsewhere(self, "asks_as_json", hash_seed=12345) == json.loads(json.dumps(self.asks_as_json()))

    @rule("asked, told and failed are the only changes of state: folding the journal gives the population again")
    def test_the_journal_knows_the_population(self, tmp_path: Path) -> None:
        space = self.space()
        path = self.search(tmp_path / "run").folder / FILE_NAME
        state = SearchState(self.make(space), cost=None)
        Replay(path, space, state, seed=0, verify=True, versions={}).run()
        history = History.load(path)
        assert list(state.algorithm.population) == [individual.number for individual in history.alive]
        assert (len(history.told), state.failed > 0) == (60, True)

    @rule("a search that is killed anywhere and resumed is the same search")
    def test_cut_anywhere_and_resumed_it_is_the_same_search(self, tmp_path: Path) -> None:
        """At every line, and torn within lines."""
        whole = self.search(tmp_path / "whole", budget=40).history().science()
        journal = (tmp_path / "whole" / FILE_NAME).read_bytes()
        lines = [at + 1 for at, byte in enumerate(journal) if byte == 10]
        torn = Random(0).sample(range(1, len(journal)), 10)
        for cut in [*lines, *torn]:
            folder = tmp_path / f"cut-{cut}"
            folder.mkdir(exist_ok=True)
            (folder / FILE_NAME).write_bytes(journal[:cut])
            assert self.search(folder, budget=40).history().science() == whole, f"cut at byte {cut}"

    @rule("a search of another seed is refused in the same folder")
    def test_a_search_of_other_parts_is_refused(self, tmp_path: Path) -> None:
        self.search(tmp_path / "run", budget=5)
        space = self.space()
        with pytest.raises(UserError, match="differs in seed"):
            run_search(
                space=space, algorithm=self.make(space), evaluator=unlucky, budget=9, seed=1, run=tmp_path / "run"
            )
