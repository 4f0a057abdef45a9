"""Children that are left: the bound that is reached first, as the search itself counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.estimating.remaining import children_left
from nas.search.budget import Budget, Spent

AMOUNTS = {"flops": 10.0, "examples": 5.0, "simulated_s": 2.0}


def left(budget: Budget, spent: Spent | None = None, device_s: float = 20.0, slots: int = 2) -> int:
    spent = spent or Spent()
    return children_left(budget, spent, device_s=device_s, place_s=10.0, slots=slots, amounts=AMOUNTS)


def test_each_bound() -> None:
    assert left(Budget(evaluations=50), Spent(told=12)) == 38
    assert left(Budget(evaluations=5), Spent(told=12)) == 0
    assert left(Budget(flops=105.0), Spent(flops=20.0)) == 8
    assert left(Budget(examples=101)) == 20
    assert left(Budget(simulated_s=9)) == 4
    assert left(Budget(evaluations=50, simulated_s=9)) == 4


@given(seconds=st.integers(1, 400), slots=st.integers(1, 5), took=st.integers(1, 30))
def test_bounds_on_time_let_those_in_flight_end(seconds: int, slots: int, took: int) -> None:
    """As `Loop` asks: in every place, as long as the time is not up."""
    ends, asked = [0] * slots, 0
    while min(ends) < seconds:
        place = ends.index(min(ends))
        ends[place] += took
        asked += 1
    found = children_left(
        Budget(hours=seconds / 3600), Spent(), device_s=took, place_s=took, slots=slots, amounts=AMOUNTS
    )
    assert found == pytest.approx(asked, abs=slots)


def test_a_bound_that_free_children_never_reach_leaves_the_others() -> None:
    assert left(Budget(evaluations=7, device_hours=1), device_s=0.0) == 7
