"""Every child is drawn anew, and nobody stays."""

from collections import Counter
from random import Random

from nas.algorithms.random_search import RandomSearch
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=3)


def test_children_are_drawn_from_the_space_and_from_nothing_else() -> None:
    """What was told before, however fit, changes no draw."""
    told, fresh = RandomSearch(space=SPACE), RandomSearch(space=SPACE)
    for number in range(50):
        told.asked(number, told.ask(Random(number)))
        assert told.told(Individual(number, (1, 1, 1), 0, fitness=1.0)) == (number,)
    for seed in range(100):
        proposal = told.ask(Random(seed))
        assert proposal == fresh.ask(Random(seed))
        assert proposal.genome == SPACE.initial(Random(seed))
        assert (proposal.parents, proposal.mutation, proposal.removed) == ((), None, ())
    assert list(told.population) == []


def test_it_is_uniform() -> None:
    algorithm, rng = RandomSearch(space=SPACE), Random(0)
    counts = Counter(algorithm.ask(rng).genome for _ in range(8000))
    assert sum((counts[genome] - 1000) ** 2 / 1000 for genome in counts) < 24.32  # 99.9 % point, 7 degrees of freedom
