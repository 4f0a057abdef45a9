"""The driver's time by hand, and against a simulation second by second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.estimating.schedule import wall_s

SECONDS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def test_by_hand() -> None:
    assert wall_s([4, 1, 1, 1], 2, "completion") == 4
    assert wall_s([4, 1, 1, 1], 2, "number") == 5  # 2 and 3 are asked for once 0 and 1 are told, at 4
    assert wall_s([], 2, "number") == wall_s([], 2, "completion") == 0
    assert wall_s([2, 3], 1, "number") == wall_s([2, 3], 1, "completion") == 5


@given(seconds=SECONDS, slots=st.integers(1, 4), order=st.sampled_from(["completion", "number"]))
def test_as_the_loop_does_it(seconds: list[int], slots: int, order: str) -> None:
    """`Loop`: a child is asked for while fewer than `slots` are not told; by number, each is told in its turn."""
    left, running, told, now = list(enumerate(seconds)), dict[int, int](), 0, 0
    while left or running:
        while left and len(running) < slots:
            number, took = left.pop(0)
            running[number] = now + took
        ended = [number for number, end in sorted(running.items()) if end <= now]
        if order == "number":
            ended = [number for number in ended if number == min(running)]
        if not ended:
            now += 1
        for number in ended[:1]:
            del running[number]
            told += 1
    assert told == len(seconds)
    assert wall_s(seconds, slots, order) == pytest.approx(now)
