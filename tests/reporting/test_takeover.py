"""Takeover and founders, against a walk through every moment of made-up searches."""

from itertools import pairwise

import numpy as np
import pytest
from example_runs import example_run
from genealogies import Genealogy, genealogies
from hypothesis import given

from nas import History
from nas.reporting.children import records
from nas.reporting.columns import NEVER, NOBODY, columns
from nas.reporting.descent import descent
from nas.reporting.drawings import founders as founders_drawing
from nas.reporting.drawings import takeover as takeover_drawing
from nas.reporting.figures import takeover as module
from nas.reporting.figures.founders import founders_alive, founders_figure
from nas.reporting.figures.takeover import first_child, takeover_figure
from nas.reporting.mutation_tables import holders_table


def figures(made: Genealogy):
    tree = descent(made.columns.parent)
    return takeover_figure(made.columns, tree), founders_figure(made.columns, tree)


def first_moment(made: Genealogy) -> int | None:
    told = [made.told[n] for n in range(len(made.parent)) if made.parent[n] != NOBODY and made.told[n] != NEVER]
    return min(told, default=None)


def wait(made: Genealogy, number: int, share: float) -> int | None:
    moments = range(max(made.told[number], first_moment(made)), made.num_told + 1)
    return next((moment - made.told[number] for moment in moments if made.share(number, moment) >= share), None)


def record_holders(made: Genealogy) -> list[int]:
    found, best = [], float("-inf")
    for number in made.columns.numbers_told.tolist():
        if made.fitness[number] > best:
            best = made.fitness[number]
            found.append(number)
    return found


@given(genealogies())
def test_takeover_times_are_those_of_a_walk(made: Genealogy):
    assert records(made.columns).tolist() == record_holders(made)
    assert first_child(made.columns) == first_moment(made)
    figure, _ = figures(made)
    moments = range(first_moment(made) or 0, made.num_told + 1)
    if first_moment(made) is None or not any(made.living(moment) for moment in moments):
        assert figure is None
        return
    assert [holder.number for holder in figure.holders] == record_holders(made)
    assert figure.records == len(figure.holders)
    for holder in figure.holders:
        assert holder.place == made.told[holder.number]
        assert holder.half == wait(made, holder.number, 0.5)
        assert holder.whole == wait(made, holder.number, 1.0)
        assert holder.share == pytest.approx(made.share(holder.number, made.num_told))
    for before, holder in pairwise(figure.holders):
        assert holder.rise == pytest.approx(holder.fitness - before.fitness)
    assert figure.holders[0].rise is None


@given(genealogies())
def test_bands_share_out_the_population(made: Genealogy):
    """A band is of those whose last marked ancestor is its holder; what descends from a holder lies together."""
    figure, _ = figures(made)
    if figure is None:
        return
    marked = {band.number for band in figure.bands}
    assert figure.winner.number in marked
    assert all(holder.half is not None for holder in figure.holders[:-1] if holder.number in marked)
    for at, moment in enumerate(figure.moments.tolist()):
        living = made.living(moment)
        nearest = [next((one for one in made.line(number) if one in marked), None) for number in living]
        for band in figure.bands:
            expected = nearest.count(band.number) / len(living) if living else 0.0
            assert band.shares[at] == pytest.approx(expected)
    order = [band.number for band in figure.bands]
    for number in marked:
        family = [place for place, other in enumerate(order) if number in made.line(other)]
        assert family == list(range(family[0], family[0] + len(family)))
        assert order[family[0]] == number


@given(genealogies())
def test_founders_are_those_of_a_walk(made: Genealogy):
    tree = descent(made.columns.parent)
    alive = [len({made.line(one)[-1] for one in made.living(place)}) for place in range(1, made.num_told + 1)]
    if made.num_told:
        assert founders_alive(made.columns, tree).tolist() == alive
    _, figure = figures(made)
    first = first_moment(made)
    if first is None or not any(alive[first - 1 :]):
        assert figure is None
        return
    drawn = dict(figure.steps)
    now = None
    for place in range(first, made.num_told + 1):
        now = drawn.get(place, now)
        assert now == alive[place - 1]
    fixed = next((place for place in range(first, made.num_told + 1) if alive[place - 1] == 1), None)
    if fixed is None:
        assert figure.fixed is None
    else:
        assert figure.fixed == (fixed, made.line(made.living(fixed)[0])[-1])
    later = [n for n in range(len(made.parent)) if made.parent[n] == NOBODY and made.told[n] > first]
    assert figure.new == len(later)


THREE = Genealogy(  # founders 0, 1, 2; 3 is of 1, 4 of 3, 5 of 3; the oldest leave
    parent=[NOBODY, NOBODY, NOBODY, 1, 3, 3, NOBODY],
    told=[1, 2, 3, 4, 5, 6, NEVER],
    left=[4, 5, 6, 7, 7, 7, 7],
    fitness=[0.5, 0.6, 0.4, 0.7, 0.65, 0.6, float("nan")],
)


def test_a_takeover_as_one_counts_it_by_hand():
    """Alive from the fourth on: 1 2 3, 2 3 4, 3 4 5."""
    figure, origins = figures(THREE)
    assert (figure.first, figure.told, figure.records) == (4, 6, 3)
    first, second, winner = figure.holders
    assert (first.number, first.half, first.whole, first.share) == (0, None, None, 0.0)
    assert (second.number, second.half, second.whole, second.share) == (1, 2, 4, 1.0)
    assert (winner.number, winner.half, winner.whole) == (3, 1, 2)
    assert [band.number for band in figure.bands] == [1, 3]
    assert [band.shares.tolist() for band in figure.bands] == [
        pytest.approx([1 / 3, 0, 0]),
        pytest.approx([1 / 3, 2 / 3, 1]),
    ]
    assert origins.steps == [(4, 2), (6, 1)]
    assert origins.fixed == (6, 1)


def test_the_first_individuals_do_not_take_over_a_population_that_is_being_filled():
    """Alone in the population at first, but nothing has been selected."""
    made = Genealogy([NOBODY, NOBODY, 1], [1, 2, 3], [3, 4, 4], [0.5, 0.6, 0.4])
    figure, _ = figures(made)
    assert figure.holders[0].half is None
    assert (figure.holders[1].half, figure.holders[1].whole) == (1, 1)


def test_words_and_tables_say_never_and_not_yet():
    made = Genealogy([NOBODY, NOBODY, 0, 1, 1], [1, 2, 3, 4, 5], [6, 6, 6, 6, 6], [0.1, 0.2, 0.3, 0.2, 0.2])
    figure, origins = figures(made)
    rows = {row[0]: row for row in holders_table(figure).rows}
    assert rows["1"][4:] == ["2", "not yet", "60 %"]
    assert rows["2"][3:] == ["+0.1000", "not yet", "not yet", "20 %"]
    words = takeover_drawing.description(figure)
    assert (
        "Of 3 record holders, 2 became the ancestors of at least half of the population, after a median of 2" in words
    )
    assert "none of all of it. At the end 20 % of the population descends from the best individual, #2." in words
    assert "At the end it goes back to 2: no founder's descendants took over." in founders_drawing.description(origins)
    gone = Genealogy([NOBODY, NOBODY, 1], [1, 2, 3], [2, 4, 4], [0.5, 0.1, 0.3])
    assert holders_table(figures(gone)[0]).rows[0][4:] == ["never", "never", "0 %"]
    assert "nobody descends from the best individual, #0" in takeover_drawing.description(figures(gone)[0])


def test_of_many_records_the_largest_rises_and_the_last_are_shown(monkeypatch):
    monkeypatch.setattr(module, "MOST_HOLDERS", 3)
    fitness = [0.1, 0.2, 0.5, 0.55, 0.9, 0.91]
    made = Genealogy([NOBODY, 0, 1, 2, 3, 4], [1, 2, 3, 4, 5, 6], [7] * 6, fitness)
    figure, _ = figures(made)
    assert [holder.number for holder in figure.holders] == [2, 4, 5]
    assert figure.records == 6
    assert "3 record holders with the largest rises (of 6)" in takeover_drawing.description(figure)


def test_a_long_search_is_looked_at_early_and_drawn_on_a_logarithm():
    size = 400
    parent = [NOBODY, *range(size - 1)]
    left = [min(number + 3, size + 1) for number in range(size)]
    made = Genealogy(parent, [*range(1, size + 1)], left, [number / size for number in range(size)])
    figure, _ = figures(made)
    assert figure.is_long
    moments = figure.moments.tolist()
    assert (moments[0], moments[-1]) == (2, size)
    assert moments[len(moments) // 2] < size / 3
    across = takeover_drawing.axes(figure)
    assert across.fraction(2) == 0
    assert across.fraction(size) == 1
    assert across.fraction(np.sqrt(2 * size)) == pytest.approx(0.5)
    assert across.ticks == (2, 5, 10, 20, 50, 100, 200)
    assert "log scale" in takeover_drawing.plot(figure)


def test_every_area_can_be_chosen_and_the_table_has_its_colour(tmp_path):
    history = History.load(example_run(tmp_path / "run", "cells", 400))
    made = columns(history)
    figure = takeover_figure(made, descent(made.parent))
    picture = takeover_drawing.plot(figure)
    for band in figure.bands:
        if band.shares.any():
            assert f'data-show="{band.number}"' in picture
    shades = [takeover_drawing.shade(figure, band.number) for band in figure.bands]
    assert shades.count("clade won") == 1
    assert len(set(shades)) == len(shades)


@pytest.mark.parametrize("overrides", [("algorithm=random",), ("algorithm=local_search",)])
def test_searches_without_a_population(tmp_path, overrides):
    """Random search mutates nothing; local search has one individual at a time, which takes over at once."""
    history = History.load(example_run(tmp_path / "run", "cells", 60, *overrides))
    made = columns(history)
    figure = takeover_figure(made, descent(made.parent))
    if overrides == ("algorithm=random",):
        assert figure is None
        return
    assert figure.winner.whole == 0
    assert figure.winner.share == 1
