"""The children that a search may ask for: no draw of its own, nothing changed, costlier and cheaper as liked."""

from random import Random
from statistics import fmean
from typing import Any

import parts
import pytest

from nas.algorithms.evolution import Evolution
from nas.errors import UserError
from nas.estimating.rehearsal import CHEAPER, COSTLIER, MOST, rehearse, stratified
from nas.evaluators.toy import Toy
from nas.evaluators.train import TrainEvaluator
from nas.search.constraint import Constraint, make_guard
from nas.search.randomness import ask_rng
from nas.search_spaces.bits import Bits

SPACE = parts.SPACE


def aging(space: Any = SPACE, size: int = 8) -> Evolution:
    return Evolution(space=space, population_size=size, sample_size=4, survival="oldest")


@pytest.fixture(scope="module")
def evaluator() -> TrainEvaluator:
    return TrainEvaluator(
        space=SPACE,
        dataset=parts.dataset(),
        network=parts.network(),
        training=parts.recipe(),
        hardware=parts.hardware(),
    )


def test_a_made_up_fitness_moves_what_comes(evaluator: TrainEvaluator) -> None:
    def mean(**options: Any) -> float:
        return fmean(rehearse(aging(), evaluator, None, 0, 120, **options).column("multiply_adds") or [])

    assert mean(liking=CHEAPER) < mean() < mean(liking=COSTLIER)


def test_the_same_seed_gives_the_same_and_the_algorithm_stays(evaluator: TrainEvaluator) -> None:
    algorithm = aging()
    first, again = (rehearse(algorithm, evaluator, None, 3, 30) for _ in range(2))
    assert first.genomes == again.genomes
    assert not algorithm.population
    assert first.genomes != rehearse(algorithm, evaluator, None, 4, 30).genomes


def test_draws_are_not_the_searchs(evaluator: TrainEvaluator) -> None:
    space = Bits(num_bits=60)
    toy = Toy(space=space, noise=0.01, counted=1)
    found = rehearse(aging(space), toy, None, 0, 8).genomes
    assert not set(found) & {space.initial(ask_rng(0, number)) for number in range(8)}


def test_the_constraint_holds_and_one_that_nothing_meets_is_told(evaluator: TrainEvaluator) -> None:
    amounts = rehearse(aging(), evaluator, None, 0, 50).column("parameters")
    assert amounts is not None
    bound = sorted(amounts)[10]
    guard = make_guard(Constraint(parameters=bound), evaluator, SPACE)
    kept = rehearse(aging(), evaluator, guard, 0, 20).column("parameters")
    assert kept is not None
    assert max(kept) <= bound
    guard = make_guard(Constraint(parameters=1, max_rejections=5), evaluator, SPACE)
    with pytest.raises(UserError, match="5 draws in a row were rejected"):
        rehearse(aging(), evaluator, guard, 0, 20)


def test_no_more_than_so_many_and_what_is_left(evaluator: TrainEvaluator) -> None:
    space = Bits(num_bits=4)
    found = rehearse(aging(space), Toy(space=space, noise=0.01, counted=1), None, 0, 10 * MOST)
    assert len(found.genomes) == MOST
    assert found.column("multiply_adds") is None
    assert len(found.after(10).genomes) == MOST - 10
    assert len(found.after(10 * MOST).genomes) == 1


def test_strata_have_small_and_large_ones(evaluator: TrainEvaluator) -> None:
    found = rehearse(aging(size=90), evaluator, None, 0, 90)
    amounts = sorted(found.column("multiply_adds") or [])
    for seed in range(5):
        low, middle, high = (evaluator.cost(one)["multiply_adds"] for one in stratified([found], 3, seed))
        assert low <= amounts[30]
        assert amounts[29] <= middle <= amounts[60]
        assert amounts[59] <= high
    assert len({tuple(map(str, stratified([found], 3, seed))) for seed in range(5)}) > 1


def test_strata_of_a_space_whose_costs_nobody_knows() -> None:
    space = Bits(num_bits=8)
    found = rehearse(aging(space), Toy(space=space, noise=0.01, counted=1), None, 0, 5)
    assert len(stratified([found], 7, 0)) == 7
    assert set(stratified([found], 7, 0)) <= set(found.genomes)
    assert space.initial(Random(0)) is not None
