"""The one switch: what the command line makes of it, pairs, and the sentences for what does not go together."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from scipy import stats

from nas import run_search
from nas.algorithms.base import Algorithm
from nas.algorithms.evolution import Evolution
from nas.algorithms.tournament import Tournament
from nas.errors import UserError
from nas.search.identity import identity_of
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from tests.test_contracts import composed

SPACE = Bits(num_bits=12)


def evolution(**changes: Any) -> Evolution:
    settings = {"space": SPACE, "population_size": 6, "sample_size": 2, "survival": "worst_of_pair"}
    return Evolution(**(settings | changes))


def drive(algorithm: Algorithm, told: int) -> None:
    """One child at a time; the fitness of a child is its number."""
    for number in range(told):
        proposal = algorithm.ask(Random(f"ask {number}"))
        algorithm.asked(number, proposal)
        algorithm.told(Individual(number, proposal.genome, 0, fitness=float(number)))


def measured(genome: tuple[int, ...], seed: int) -> dict[str, float]:
    return {"valid_accuracy": seed % 11 / 10, "multiply_adds": sum(genome[:6])}


@pytest.mark.parametrize(
    ("preset", "overrides"),
    [
        ("non_aging", ["algorithm.survival=worst_of_sample"]),
        (
            "nsga2",
            ["algorithm.survival=non_dominated", "algorithm.objective=multiply_adds", "algorithm.sample_size=2"],
        ),
    ],
)
def test_a_preset_is_aging_with_another_survival(preset: str, overrides: list[str], tmp_path: Path) -> None:
    one = composed("algorithm", f"algorithm={preset}", "population.size=30", space=SPACE)
    other = composed("algorithm", "algorithm=aging", "population.size=30", *overrides, space=SPACE)
    assert one.name == other.name == preset
    science = [
        run_search(space=SPACE, algorithm=algorithm, evaluator=measured, budget=60, run=tmp_path / str(at)).history()
        for at, algorithm in enumerate((one, other))
    ]
    assert science[0].science() == science[1].science()
    assert science[0].header["identity"] == science[1].header["identity"]


@pytest.mark.parametrize(
    ("changes", "identity"),
    [
        ({"survival": "oldest"}, {"name": "aging", "population_size": 6, "sample_size": 2, "survival": "oldest"}),
        (
            {"survival": "worst_of_sample", "sample_size": 3},
            {"name": "non_aging", "population_size": 6, "sample_size": 3, "survival": "worst_of_sample"},
        ),
        ({}, {"name": "pairs", "population_size": 6, "sample_size": 2, "survival": "worst_of_pair"}),
        (
            {"survival": "non_dominated", "objective": "parameters"},
            {"name": "nsga2", "population_size": 6, "objective": "parameters"},
        ),
        (
            {"survival": "non_dominated", "objective": "parameters", "sample_size": 3},
            {"name": "nsga2", "population_size": 6, "sample_size": 3, "objective": "parameters"},
        ),
    ],
)
def test_identities_are_those_that_journals_have(changes: dict[str, Any], identity: dict[str, Any]) -> None:
    assert identity_of(evolution(**changes)) == identity


def test_pairs_are_uniform_and_of_two_members_and_the_worse_one_dies() -> None:
    algorithm = evolution()
    drive(algorithm, 6)
    proposals = [algorithm.ask(Random(seed)) for seed in range(6000)]
    pairs = Counter((proposal.parents[0], proposal.removed[0]) for proposal in proposals)
    assert all(better > worse for better, worse in pairs)
    assert len(pairs) == 15
    assert stats.chisquare(list(pairs.values())).pvalue > 1e-4


def test_of_equal_ones_the_second_drawn_dies() -> None:
    algorithm = evolution()
    for number in range(6):
        algorithm.asked(number, algorithm.ask(Random(number)))
        algorithm.told(Individual(number, (0,) * 12, 0, fitness=0.5))
    first, second = Random(3).sample(range(6), 2)
    proposal = algorithm.ask(Random(3))
    assert (proposal.parents, proposal.removed) == ((first,), (second,))


def test_one_child_at_a_time_they_are_the_tournament_of_pairs() -> None:
    tournament = Tournament(space=SPACE, population_size=6, survival="worst_of_pair", selection="fittest")
    algorithm = evolution()
    for number in range(100):
        one, other = (part.ask(Random(number)) for part in (algorithm, tournament))
        assert one == other
        for part in (algorithm, tournament):
            part.asked(number, one)
            part.told(Individual(number, one.genome, 0, fitness=number * 7 % 13))


def test_a_single_member_reproduces_without_a_death() -> None:
    algorithm = evolution(population_size=2)
    drive(algorithm, 2)
    for number in (2, 3):  # both in flight
        proposal = algorithm.ask(Random(number))
        algorithm.asked(number, proposal)
    assert (len(algorithm.population), proposal.parents, proposal.removed) == (1, (1,), ())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"survival": "youngest"}, "'youngest', allowed are oldest, worst_of_sample, worst_of_pair, non_dominated"),
        ({"survival": ["oldest"]}, "survival is \\['oldest'\\], allowed are oldest"),
        ({"sample_size": 3}, "sample_size is 3, it must be 2 with algorithm.survival=worst_of_pair"),
        ({"population_size": 1}, "population_size is 1, it must be a whole number of at least 2"),
        ({"population_size": True}, "population_size is True, it must be a whole number"),
        (
            {"objective": "parameters"},
            "objective is 'parameters', but algorithm.survival=worst_of_pair goes by fitness",
        ),
        ({"survival": "oldest", "objective": ""}, "only non_dominated has an objective, it must be null"),
        ({"survival": "non_dominated"}, "objective is None, it must name a metric, such as multiply_adds"),
        ({"survival": "non_dominated", "objective": 5}, "objective is 5, it must name a metric"),
        ({"survival": "non_dominated", "objective": "x", "sample_size": 7}, "must not be greater than"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        evolution(**changes)
