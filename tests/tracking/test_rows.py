"""Rows of told individuals, against the same computed anew from a journal's events."""

from pathlib import Path
from typing import Any

import pytest
from flaky import measure
from hypothesis import given, settings
from hypothesis import strategies as st
from wandb_files import assert_rows, expected_rows

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.search.individual import Individual, State
from nas.search_spaces.bits import Bits
from nas.tracking.base import Tracker
from nas.tracking.rows import Rows, endings

SPACE = Bits(num_bits=12)


class Live(Tracker):
    """The rows of a running search."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._rows = Rows()

    def told(self, individual, progress):
        row = self._rows.add(individual, progress.device_s)
        assert row is not None
        self.rows.append({"step": self._rows.told, **row})

    def failed(self, individual, progress):
        assert self._rows.add(individual, progress.device_s) is None


def replayed(run: Path) -> list[dict[str, Any]]:
    rows = Rows()
    made = [rows.add(individual, device_s) for individual, device_s in endings(run)]
    return [{"step": place, **row} for place, row in enumerate(filter(None, made), start=1)]


@pytest.mark.parametrize("survival", ["oldest", "worst_of_sample", "random"])
@pytest.mark.parametrize("workers", [0, 3])
def test_live_rows_are_those_of_the_journal_and_both_are_right(tmp_path, survival, workers):
    algorithm = (
        RandomSearch(space=SPACE)
        if survival == "random"
        else Evolution(space=SPACE, population_size=8, sample_size=3, survival=survival)
    )
    live = Live()
    run_search(
        space=SPACE, algorithm=algorithm, evaluator=measure, budget=60, run=tmp_path, workers=workers, trackers=[live]
    )
    assert live.rows == replayed(tmp_path)  # to the last bit
    assert_rows(live.rows, expected_rows(tmp_path))
    assert live.rows[-1]["failed"] > 0


def individual(number: int, fitness: float, **more: Any) -> Individual:
    return Individual(number, "01", number, state=State.TOLD, fitness=fitness, **more)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_area_is_the_mean_of_the_best_so_far(fitness):
    rows = Rows()
    made = [rows.add(individual(number, value), 0.0) for number, value in enumerate(fitness)]
    bests = [max(fitness[: place + 1]) for place in range(len(fitness))]
    assert [row["best/valid"] for row in made] == bests
    assert made[-1]["auc"] == pytest.approx(sum(bests) / len(bests))
    assert made[-1]["best/number"] == fitness.index(bests[-1])  # the first told among equals


def test_what_is_not_known_is_left_out():
    row = Rows().add(individual(3, 0.5, parents=(999,), metrics={"multiply_adds": None, "fitness": "theirs"}), 0.0)
    assert row["fitness"] == 0.5
    assert not row.keys() & {"flops", "best/flops", "spent/train_flops", "parent_age", "seconds"}


def test_nobody_alive_has_no_mean():
    row = Rows().add(individual(0, 0.5, removed=(0,)), 7200.0)
    assert (row["population/size"], row["spent/device_hours"]) == (0, 2.0)
    assert "population/mean" not in row
