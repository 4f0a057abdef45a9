"""Columns of a journal, against what the journal's individuals say one by one."""

from pathlib import Path

import numpy as np
import pytest
from example_runs import example_run

from nas import History
from nas.reporting.columns import NEVER, NOBODY, columns


@pytest.mark.parametrize(
    ("space", "overrides"),
    [("cells", ()), ("cells", ("algorithm=non_aging",)), ("dna", ())],
)
def test_the_population_at_every_moment(tmp_path: Path, space, overrides):
    history = History.load(example_run(tmp_path / "run", space, 150, *overrides))
    made = columns(history)
    living, sizes = set(), []
    for place, individual in enumerate(history.told, start=1):
        following = history.told[place].finished_s if place < len(history.told) else float("inf")
        living.add(individual.number)
        living -= set(individual.removed)
        for failed in history.individuals:
            if failed.fitness is None and individual.finished_s <= failed.finished_s < following:
                living -= set(failed.removed)
        sizes.append(len(living))
    assert made.living(np.ones(len(history.individuals), dtype=bool)).tolist() == sizes
    assert set(np.flatnonzero(made.alive).tolist()) == {individual.number for individual in history.alive}


def test_the_columns_are_the_individuals(tmp_path: Path):
    history = History.load(example_run(tmp_path / "run", "cells", 100))
    made = columns(history)
    assert made.told == 100
    for individual in history.individuals:
        number = individual.number
        assert made.parent[number] == (individual.parents[0] if individual.parents else NOBODY)
        assert bool(made.told_place[number] == NEVER) is (individual.fitness is None)
        assert (
            np.isnan(made.fitness[number]) if individual.fitness is None else made.fitness[number] == individual.fitness
        )
    assert [history.individuals[number].number for number in made.numbers_told] == history.told_order


def test_a_journal_without_individuals(new_run):
    made = columns(History.load(new_run().folder))
    assert (made.told, len(made.parent), made.living(np.zeros(0, dtype=bool)).tolist()) == (0, 0, [])
