"""Diversity of populations, against all pairs one by one."""

from itertools import combinations
from random import Random

import numpy as np
import pytest
from example_runs import example_run
from hypothesis import given
from hypothesis import strategies as st

from nas import History
from nas.reporting.columns import columns
from nas.reporting.drawings.diversity import description, series_plot
from nas.reporting.figures import moments as moments_module
from nas.reporting.figures.diversity import _read as read_genome
from nas.reporting.figures.diversity import diversity, diversity_figure
from nas.reporting.figures.moments import MOST_MOMENTS, WINDOW, moments_of
from nas.search_spaces.dna_graph import seed_dna
from nas.search_spaces.dna_json import dna_to_json
from nas.search_spaces.nasbench201 import NasBench201


def figure_of(folder):
    history = History.load(folder)
    made = columns(history)
    return diversity_figure(history.individuals, made.told, moments_of(made))


def alike(genomes, places):
    """Share of distinct genomes, and the mean share of places in which two differ."""
    rows = [places(genome) for genome in genomes]
    pairs = list(combinations(rows, 2))
    differing = [sum(a != b for a, b in zip(one, other, strict=True)) / len(one) for one, other in pairs]
    return len(set(rows)) / len(rows), sum(differing) / len(pairs)


def cell_places(genome):
    return tuple(
        item for cell in ("normal", "reduction") for pair in genome[cell] for element in pair for item in element
    )


@given(st.lists(st.text("01", min_size=6, max_size=6), min_size=2, max_size=12))
def test_bits_are_compared_bit_by_bit(genomes):
    made = diversity(map(read_genome, genomes))
    assert (made.distinct, made.distance) == pytest.approx(alike(genomes, tuple))
    assert made.count == len(genomes)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 6), min_size=2, max_size=8))
def test_edges_of_nasbench201_are_compared_edge_by_edge(genomes):
    space = NasBench201()
    made = diversity(read_genome(space.to_json(genome)) for genome in genomes)
    assert (made.distinct, made.distance) == pytest.approx(alike(genomes, tuple))


def test_the_population_of_a_real_search_at_every_moment(tmp_path):
    history = History.load(example_run(tmp_path / "run", "cells", 250))
    figure = figure_of(tmp_path / "run")
    told, living = history.told, set()
    by_place = {}
    for place, individual in enumerate(told, start=1):
        living.add(individual.number)
        living -= set(individual.removed)
        by_place[place] = [history.individuals[number].genome for number in living]
    assert len(figure.over_time) == MOST_MOMENTS
    assert (figure.over_time[0][0], figure.over_time[-1][0]) == (2, 250)
    for place, made in figure.over_time:
        if made.count == len(by_place[place]):  # else a failed child removed somebody
            assert (made.distinct, made.distance) == pytest.approx(alike(by_place[place], cell_places))
    random = [individual.genome for individual in history.individuals if not individual.parents]
    assert (figure.random.distinct, figure.random.distance) == pytest.approx(alike(random, cell_places))
    assert figure.random.count == len(random)
    assert figure.over_time[-1][1].distance < figure.random.distance / 2  # descendants of few


def test_genomes_without_common_places_have_no_distance():
    assert diversity(map(read_genome, ["01", "011"])).distance is None
    assert diversity(map(read_genome, [[], []])).distance is None
    assert diversity(map(read_genome, [{"a": [1, None]}, {"a": [True, "x"]}])).distance == pytest.approx(0.5)


def test_architectures_of_dna_do_not_differ_by_ids_or_learning_rates():
    one, other = dna_to_json(seed_dna(0.1, "aa", "bb", "cc")), dna_to_json(seed_dna(0.2, "dd", "ee", "ff"))
    made = diversity(map(read_genome, [one, other]))
    assert (made.distinct, made.distance) == (0.5, None)
    other["vertices"][1]["type"] = "bn_relu" if other["vertices"][1]["type"] == "linear" else "linear"
    assert diversity(map(read_genome, [one, other])).distinct == 1


def test_a_search_of_dna_has_one_line_and_says_why(tmp_path):
    figure = figure_of(example_run(tmp_path / "run", "dna", 150))
    assert figure.of_dna
    assert [series.name for series in series_plot(figure).series] == ["distinct architectures"]
    assert "Of 100 random ones 1 % are distinct." in description(figure)


def bits_run(new_run, number, **records):
    run, rng = new_run(), Random(number)
    for at in range(number):
        record = {name: value(at) for name, value in records.items()}
        genome = "".join(rng.choice("01") for _ in range(20))
        run.journal.append(
            "asked", number=at, genome=genome, seed=at, parents=(), mutation=None, removed=[], record=record
        )
        run.told(at, 0.5, (at,))
    return run


def test_where_no_population_is_kept_the_last_told_stand_for_it(new_run):
    """A policy's individuals after its first update are not random any more."""
    run = bits_run(new_run, 300, updates=lambda at: at // 20)
    figure = figure_of(run.folder)
    history = History.load(run.folder)
    assert not figure.moments.kept
    assert figure.over_time[-1][1].count == WINDOW
    assert figure.over_time[-1][1].distance == pytest.approx(
        alike([one.genome for one in history.individuals[-WINDOW:]], tuple)[1]
    )
    assert figure.random.count == 20
    assert "Diversity of the last 100 told" in description(figure)


def test_large_populations_are_judged_by_a_sample_that_is_always_the_same(new_run, monkeypatch):
    monkeypatch.setattr(moments_module, "MOST_MEMBERS", 50)
    run, rng = new_run(), Random(0)
    for at in range(200):
        run.asked(at, "".join(rng.choice("01") for _ in range(40)))
        run.told(at, 0.5)
    first, second = figure_of(run.folder), figure_of(run.folder)
    assert first.over_time == second.over_time
    assert first.moments.sampled
    assert first.over_time[-1][1].count == 50
    whole = alike([one.genome for one in History.load(run.folder).individuals], tuple)[1]
    assert first.over_time[-1][1].distance == pytest.approx(whole, abs=0.02)
    assert "Larger populations" in description(first)


def test_one_individual_is_not_diverse(new_run):
    assert figure_of(bits_run(new_run, 1).folder) is None
    assert moments_of(columns(History.load(new_run("empty").folder))).moments == []


def test_moments_hold_whoever_lives_then(tmp_path):
    history = History.load(example_run(tmp_path / "run", "cells", 120))
    made = columns(history)
    for moment in moments_of(made).moments:
        own = np.flatnonzero(
            (made.told_place > 0) & (made.told_place <= moment.place) & (made.left_place > moment.place)
        )
        assert moment.members.tolist() == own.tolist()
        assert moment.size == made.living(np.ones(len(made.parent), dtype=bool))[moment.place - 1]
