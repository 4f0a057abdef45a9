"""Who is chosen and who dies."""

from random import Random
from typing import Any

import pytest

from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=64)


def drive(algorithm: Any, told: int, rng: Random) -> list[tuple[int, ...]]:
    """One child at a time; returns who left with each."""
    gone = []
    for number in range(told):
        proposal = algorithm.ask(rng)
        algorithm.asked(number, proposal)
        fitness = sum(proposal.genome) / 64 + rng.gauss(0, 0.01)
        gone.append(proposal.removed + algorithm.told(Individual(number, proposal.genome, 0, fitness=fitness)))
    return gone


def make(survival: Any, population_size: int = 20, sample_size: int = 5) -> Evolution:
    return Evolution(space=SPACE, population_size=population_size, sample_size=sample_size, survival=survival)


def test_the_oldest_dies() -> None:
    gone = drive(make("oldest"), 60, Random(0))
    assert gone == [()] * 20 + [(number,) for number in range(40)]


def test_the_worst_of_a_sample_of_everybody_is_the_worst() -> None:
    """With a sample far larger than the population every member is in it, for all practical purposes."""
    algorithm = make("worst_of_sample", population_size=4, sample_size=4)
    rng = Random(0)
    drive(algorithm, 4, rng)
    for number in range(4, 40):
        members = {member.number: member.fitness for member in algorithm._members}
        proposal = algorithm.ask(rng)
        (loser,) = proposal.removed
        assert members[loser] <= members[proposal.parents[0]]
        algorithm.asked(number, proposal)
        algorithm.told(Individual(number, proposal.genome, 0, fitness=rng.random()))
        assert len(algorithm.population) == 4


def test_failed_children_do_not_drain_the_population() -> None:
    algorithm, rng = make("worst_of_sample"), Random(0)
    drive(algorithm, 20, rng)
    for number in range(20, 60):
        algorithm.asked(number, algorithm.ask(rng))
        algorithm.failed(number)
    assert len(algorithm.population) == 19


def test_asking_changes_nothing() -> None:
    for algorithm in (make("oldest"), make("worst_of_sample"), RandomSearch(space=SPACE)):
        drive(algorithm, 30, Random(0))
        before = list(algorithm.population)
        assert algorithm.ask(Random(1)) == algorithm.ask(Random(1))
        assert list(algorithm.population) == before


def test_aging_beats_non_aging_beats_random_on_a_noisy_cube() -> None:
    """The ordering of arXiv 1802.01548, supplement C; benchmarks/ hold the levels."""
    space = Bits(num_bits=256)

    def final(survival: Any, seed: int) -> float:
        rng = Random(seed)
        algorithm = Evolution(space=space, population_size=100, sample_size=25, survival=survival)
        fitnesses = {}
        for number in range(6000):
            proposal = algorithm.ask(rng)
            algorithm.asked(number, proposal)
            fitnesses[number] = sum(proposal.genome) / 256 + rng.gauss(0, 0.01)
            algorithm.told(Individual(number, proposal.genome, 0, fitness=fitnesses[number]))
        return sum(fitnesses[number] for number in algorithm.population) / 100

    aging = [final("oldest", seed) for seed in range(4)]
    non_aging = [final("worst_of_sample", seed) for seed in range(4)]
    assert sum(aging) / 4 > sum(non_aging) / 4 > 0.7


@pytest.mark.parametrize(
    ("field", "value"), [("population_size", 0), ("sample_size", 0), ("sample_size", 21), ("survival", "fittest")]
)
def test_values_out_of_range(field: str, value: Any) -> None:
    fields = {"population_size": 20, "sample_size": 5, "survival": "oldest"} | {field: value}
    with pytest.raises(UserError, match=field):
        Evolution(space=SPACE, **fields)
