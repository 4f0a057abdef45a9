"""Drawing a sample."""

from random import Random

import pytest

from nas.algorithms.drawing import drawn


@pytest.mark.parametrize("size", [1, 2, 3, 63, 64, 65, 100, 1000])
def test_the_sample_and_the_generator_are_those_of_choice(size: int) -> None:
    members = list(range(size))
    ours, theirs = Random(f"draw/{size}"), Random(f"draw/{size}")

    assert drawn(members, 500, ours) == [theirs.choice(members) for _ in range(500)]
    assert ours.getstate() == theirs.getstate()
