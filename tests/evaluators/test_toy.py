"""The simulated accuracy: share of the good bits, Gaussian noise, clipped."""

import statistics
from typing import Any

import pytest

from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.search_spaces.cells import Cells

SPACE = Bits(num_bits=10)
GENOME = (1, 1, 1, 0, 0, 0, 0, 0, 0, 0)


def accuracy(genome: tuple[int, ...], seed: int = 0, **changes: Any) -> float:
    values: dict[str, Any] = {"space": SPACE, "noise": 0.01, "counted": 1}
    return Toy(**(values | changes)).evaluate(Task(0, genome, seed))["valid_accuracy"]


def test_without_noise_it_is_the_share_of_the_counted_bits() -> None:
    assert accuracy(GENOME, noise=0.0) == 0.3
    assert accuracy(GENOME, noise=0.0, counted=0) == 0.7


def test_the_noise_is_gaussian_and_follows_the_seed_alone() -> None:
    drawn = [accuracy(GENOME, seed) for seed in range(4000)]
    assert statistics.mean(drawn) == pytest.approx(0.3, abs=4 * 0.01 / 4000**0.5)
    assert statistics.stdev(drawn) == pytest.approx(0.01, rel=0.05)
    assert drawn == [accuracy(GENOME, seed) for seed in range(4000)]


def test_accuracies_are_clipped() -> None:
    ones = [accuracy((1,) * 10, seed) for seed in range(100)]
    zeros = [accuracy((0,) * 10, seed) for seed in range(100)]
    assert max(ones) == 1.0
    assert min(zeros) == 0.0
    assert 30 < ones.count(1.0) < 70  # half of the noise lies above


@pytest.mark.parametrize("ones", [0, 1, 5, 10])
def test_the_expectation_is_the_mean_over_seeds(ones: int) -> None:
    """Clipping moves it by 0.4 standard deviations at the ends, and a little beside them."""
    toy, genome = Toy(space=SPACE, noise=0.1, counted=1), (1,) * ones + (0,) * (10 - ones)
    drawn = [accuracy(genome, seed, noise=0.1) for seed in range(20_000)]
    assert toy.expectation(genome) == pytest.approx(statistics.mean(drawn), abs=4 * 0.1 / 20_000**0.5)
    assert Toy(space=SPACE, noise=0.0, counted=0).expectation(genome) == 1 - ones / 10


@pytest.mark.parametrize(("field", "value"), [("noise", -0.1), ("noise", float("nan")), ("counted", 2)])
def test_values_out_of_range(field: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"evaluator\.{field} is {value}"):
        accuracy(GENOME, **{field: value})


def test_it_works_on_bits_alone() -> None:
    cells = Cells(ops=("none",), num_combinations=1, identity_probability=0.0, op_mutation="any")
    with pytest.raises(UserError, match="search_space=bits, not on 'cells'"):
        accuracy(GENOME, space=cells)
