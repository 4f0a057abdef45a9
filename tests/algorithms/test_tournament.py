"""The tournament of pairs: births and deaths around the set-point, its controls, and the ways out of local optima."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from nas.algorithms.base import Proposal
from nas.algorithms.tournament import Tournament
from nas.errors import UserError
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from nas.search_spaces.dna_graph import Dna
from tests.test_contracts import composed

SPACE = Bits(num_bits=12)


def tournament(**changes: Any) -> Tournament:
    settings = {"space": SPACE, "population_size": 6, "survival": "worst_of_pair", "selection": "fittest"}
    return Tournament(**(settings | changes))


def drive(algorithm: Tournament, numbers: range, fitness: Any = None) -> list[Proposal]:
    """Children one after the other; the fitness of a child is its number unless said otherwise."""
    proposals = []
    for number in numbers:
        proposals.append(algorithm.ask(Random(f"ask {number}")))
        algorithm.asked(number, proposals[-1])
        value = float(number) if fitness is None else fitness(number)
        algorithm.told(Individual(number, proposals[-1].genome, 0, fitness=value))
    return proposals


def test_a_step_kills_the_worse_of_a_pair_and_mutates_the_better() -> None:
    algorithm = tournament()
    drive(algorithm, range(6))
    seen = set()
    for seed in range(2000):
        proposal = algorithm.ask(Random(seed))
        (better,), (worse,) = proposal.parents, proposal.removed
        assert better > worse
        assert sum(map(int.__ne__, proposal.genome, algorithm._members[better].genome)) == 1
        seen.add((better, worse))
    assert len(seen) == 15  # every pair of six, never one with itself


def test_pairs_are_uniform() -> None:
    from scipy import stats

    algorithm = tournament()
    drive(algorithm, range(6))
    proposals = [algorithm.ask(Random(seed)) for seed in range(6000)]
    pairs = Counter((proposal.parents[0], proposal.removed[0]) for proposal in proposals)
    assert stats.chisquare(list(pairs.values())).pvalue > 1e-4


def test_the_first_population_is_of_initial_individuals_and_then_the_size_stays() -> None:
    algorithm = tournament()
    proposals = drive(algorithm, range(40))
    assert [bool(proposal.parents) for proposal in proposals] == [False] * 6 + [True] * 34
    assert [len(proposal.removed) for proposal in proposals] == [0] * 6 + [1] * 34
    assert len(algorithm.population) == 6


def test_children_in_flight_count_towards_the_set_point() -> None:
    algorithm = tournament()
    drive(algorithm, range(6))
    for number in range(6, 9):  # three asked, none told
        proposal = algorithm.ask(Random(number))
        assert len(proposal.removed) == 1
        algorithm.asked(number, proposal)
        assert len(algorithm.population) + number - 5 == 6


def test_below_the_set_point_there_is_a_birth_without_a_death() -> None:
    algorithm = tournament()
    drive(algorithm, range(6))
    first = algorithm.ask(Random(6))
    algorithm.asked(6, first)
    algorithm.failed(6)
    assert len(algorithm.population) == 5
    again = algorithm.ask(Random(7))
    assert (len(again.parents), again.removed) == (1, ())


def test_above_the_set_point_there_are_deaths_until_there_may_be_a_birth() -> None:
    """As after a start with more children in flight than the population has places."""
    algorithm = tournament(population_size=4)
    proposals = [algorithm.ask(Random(number)) for number in range(4)]
    for number, proposal in enumerate(proposals):
        algorithm.asked(number, proposal)
    algorithm.told(Individual(0, proposals[0].genome, 0, fitness=0.0))
    for number in range(4, 7):  # a single member reproduces without a death
        proposal = algorithm.ask(Random(number))
        assert (proposal.parents, proposal.removed) == ((0,), ())
        algorithm.asked(number, proposal)
        proposals.append(proposal)
    for number in range(1, 7):
        algorithm.told(Individual(number, proposals[number].genome, 0, fitness=float(number)))
    proposal = algorithm.ask(Random(7))
    assert len(proposal.removed) == 4
    assert not set(proposal.parents) & set(proposal.removed)


def test_equally_fit_ones_are_taken_as_drawn() -> None:
    algorithm = tournament()
    drive(algorithm, range(6), fitness=lambda number: 0.5)
    proposal = algorithm.ask(Random(3))
    first, second = Random(3).sample(range(6), 2)
    assert (proposal.parents, proposal.removed) == ((first,), (second,))


def test_the_oldest_dies_where_survival_says_so() -> None:
    algorithm = tournament(survival="oldest")
    proposals = drive(algorithm, range(20))
    assert [proposal.removed for proposal in proposals[6:]] == [(number,) for number in range(14)]


def test_random_selection_ignores_fitness() -> None:
    algorithm = tournament(selection="random")
    drive(algorithm, range(6))
    proposals = [algorithm.ask(Random(seed)) for seed in range(1000)]
    worse = sum(proposal.parents[0] < proposal.removed[0] for proposal in proposals)
    assert 400 < worse < 600


def test_more_mutations_per_reproduction_for_a_while() -> None:
    algorithm = tournament(mutation_phases=[{"begin": 10, "end": 15, "mutations": 5}])
    proposals = drive(algorithm, range(20))
    names = [proposal.mutation.name if proposal.mutation else None for proposal in proposals]
    assert names == [None] * 6 + ["flip"] * 4 + ["several"] * 5 + ["flip"] * 5
    assert proposals[12].mutation is not None
    assert [step["name"] for step in proposals[12].mutation.details["mutations"]] == ["flip"] * 5


def test_a_weight_reset_trains_the_whole_population_again() -> None:
    """Also those in flight, once told; then the search goes on."""
    space = composed("search_space", "search_space=dna")
    algorithm = tournament(space=space, weight_resets=[9])
    drive(algorithm, range(8))
    flying = algorithm.ask(Random(8))
    algorithm.asked(8, flying)  # the ninth child: the reset begins
    before = {member.number: member.genome for member in algorithm._members}
    resets = drive(algorithm, range(9, 9 + len(before)))
    assert {proposal.parents[0] for proposal in resets} == set(before)
    for proposal in resets:
        (parent,) = proposal.parents
        assert proposal.removed == (parent,)
        assert proposal.genome == before[parent]
        assert isinstance(proposal.genome, Dna)
        assert not set(proposal.genome.ids()) & set(before[parent].ids())
        assert proposal.mutation is not None
        assert proposal.mutation.name == "reset_weights"
    algorithm.told(Individual(8, flying.genome, 0, fitness=1.0))
    late = algorithm.ask(Random(50))
    assert (late.parents, late.removed) == ((8,), (8,))
    algorithm.asked(50, late)
    assert algorithm.ask(Random(51)).mutation != late.mutation


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"population_size": 1}, "population_size is 1, it must be a whole number of at least 2"),
        ({"population_size": 2.5}, "population_size is 2.5"),
        ({"survival": "youngest"}, "survival is 'youngest', allowed are worst_of_pair, oldest"),
        ({"selection": "worst"}, "selection is 'worst', allowed are fittest, random"),
        ({"mutation_phases": 5}, "mutation_phases is 5"),
        ({"mutation_phases": [{"begin": 1}]}, "begin, end, mutations"),
        ({"mutation_phases": [{"begin": 5, "end": 5, "mutations": 2}]}, "below end"),
        ({"mutation_phases": [{"begin": 5, "end": 9, "mutations": 0}]}, "mutations at least 1"),
        ({"weight_resets": [5, 5]}, "growing"),
        ({"weight_resets": ["soon"]}, "'soon', it must be a whole number"),
    ],
)
def test_bad_settings_are_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        tournament(**changes)


def test_a_population_of_two_never_leaves_a_super_fit_individual() -> None:
    """Supplement S3."""
    algorithm = tournament(population_size=2)
    proposals = drive(algorithm, range(50), fitness=lambda number: 1.0 if number == 1 else 0.0)
    assert all(proposal.parents == (1,) for proposal in proposals[2:])
