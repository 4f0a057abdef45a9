"""Local search: where it climbs, where it starts again, and that it beats random search on the real table."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy import stats

from nas import run_search
from nas.algorithms.local_search import LocalSearch
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from nas.search_spaces.nasbench201 import NasBench201
from tests.helpers.tables import tables
from tests.test_contracts import composed

SPACE = Bits(num_bits=6)


def drive(algorithm: LocalSearch, count: int, fitness: Any) -> list[tuple[Any, float]]:
    told = []
    for number in range(count):
        proposal = algorithm.ask(Random(number))
        algorithm.asked(number, proposal)
        told.append((proposal, fitness(proposal.genome)))
        algorithm.told(Individual(number, proposal.genome, 0, fitness=told[-1][1]))
    return told


def test_it_climbs_one_decision_at_a_time_from_the_best_so_far() -> None:
    told = drive(LocalSearch(space=SPACE, num_initial=3), 30, sum)
    best = max(range(3), key=lambda number: told[number][1])
    for proposal, value in told[3:]:
        if not proposal.parents:
            break
        assert proposal.parents == (best,)
        parent = told[best][0].genome
        assert sum(map(int.__ne__, parent, proposal.genome)) == 1
        if value > told[best][1]:
            best = told.index((proposal, value))
    assert told[best][1] == 6  # the sum of bits has one optimum


def test_at_an_optimum_all_neighbours_are_tried_and_then_it_starts_again() -> None:
    told = drive(LocalSearch(space=SPACE, num_initial=1), 60, sum)
    restarts = [number for number, (proposal, _) in enumerate(told) if proposal.removed]
    assert restarts
    first = restarts[0]
    optimum = told[first][0].removed[0]
    assert told[optimum][1] == 6
    genomes = [proposal.genome for proposal, _ in told[:first]]
    assert len(set(genomes)) == len(genomes)
    neighbours = {tuple(bit ^ (at == index) for index, bit in enumerate((1,) * 6)) for at in range(6)}
    assert neighbours <= set(genomes)


def test_children_of_an_earlier_climb_do_not_change_the_next() -> None:
    algorithm = LocalSearch(space=Bits(num_bits=1), num_initial=1)
    algorithm.asked(0, algorithm.ask(Random(0)))
    algorithm.told(Individual(0, (1,), 0, fitness=0.5))
    late = algorithm.ask(Random(1))
    algorithm.asked(1, late)
    again = algorithm.ask(Random(2))
    assert again.removed == (0,)
    algorithm.asked(2, again)
    assert algorithm.told(Individual(1, late.genome, 0, fitness=0.9)) == (1,)
    assert algorithm.told(Individual(2, again.genome, 0, fitness=0.1)) == ()
    assert algorithm.population == (2,)


def test_it_beats_random_search_on_nasbench201(tmp_path: Path) -> None:
    """As published for this space: 20 searches of 100 look-ups each, by validation after 200 epochs."""
    space = NasBench201()
    path = f"evaluator.path={tables()}/nasbench201.npz"
    evaluator = composed("evaluator", "evaluator=table", path, "evaluator.epochs=200", space=space)
    found: dict[str, list[float]] = {"local": [], "random": []}
    for seed in range(20):
        for name, algorithm in (("local", LocalSearch(space=space, num_initial=10)), ("random", RandomSearch(space))):
            result = run_search(
                space=space,
                algorithm=algorithm,
                evaluator=evaluator,
                budget=100,
                seed=seed,
                run=tmp_path / f"{name}{seed}",
            )
            assert result.best is not None
            found[name].append(result.best.fitness or 0.0)
    assert stats.mannwhitneyu(found["local"], found["random"], alternative="greater").pvalue < 1e-3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"space": SPACE, "num_initial": 0}, "num_initial is 0, it must be a whole number of at least 1"),
        ({"space": composed("search_space", "search_space=dna"), "num_initial": 1}, "search_space=dna has none"),
    ],
)
def test_bad_settings_are_one_sentence(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        LocalSearch(**arguments)
