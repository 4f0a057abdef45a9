"""Large searches: which individuals are drawn, what is computed over all, and what the page says about it."""

import re
from bisect import bisect_left
from pathlib import Path
from random import Random

import pytest
from packed import unpacked

from nas.reporting.drawings.progress import drawing, plot
from nas.reporting.drawings.progress_axes import across, below, up
from nas.reporting.drawings.progress_words import description, legend
from nas.reporting.figures.evolution import evolution_figure
from nas.reporting.figures.progress import BEST_POINTS, progress_figure
from nas.reporting.figures.sample import ALWAYS, MOST_MARKS, sample, thin
from nas.reporting.report import write_report
from nas.search.history import History
from nas.search.individual import Individual, State

LARGE = MOST_MARKS + 5000


def history(fitness: list[float], *, population: int = 100, generation: int = 50, failed: int = 0) -> History:
    """An aging search: each child's parent is so many numbers before it; failed ones come last."""
    told = [
        Individual(
            number=number,
            genome="01",
            seed=number,
            parents=(number - generation,) if number >= population else (),
            removed=(number - population,) if number >= population else (),
            state=State.TOLD,
            fitness=value,
            finished_s=float(number),
        )
        for number, value in enumerate(fitness)
    ]
    lost = [
        Individual(number=len(told) + number, genome="01", seed=0, state=State.FAILED, reason="no", finished_s=1e9)
        for number in range(failed)
    ]
    return History(Path("history.jsonl"), {"identity": {}}, [*told, *lost], list(range(len(told))))


def noise(count: int) -> list[float]:
    rng = Random(0)
    return [rng.random() for _ in range(count)]


@pytest.fixture(scope="module")
def large() -> History:
    return history(noise(LARGE), failed=40)


def test_up_to_the_limit_everything_is_drawn():
    whole = sample(history(noise(MOST_MARKS - 10), failed=10))
    assert whole.is_whole
    assert whole.drawn == MOST_MARKS
    assert not sample(history(noise(MOST_MARKS - 10), failed=11)).is_whole


def test_the_sample_keeps_the_best_the_rises_the_lineage_the_living_and_the_failed(large):
    drawn = sample(large)
    numbers = {individual.number for _, individual in drawn.told}
    assert drawn.drawn == MOST_MARKS
    assert (drawn.num_told, drawn.num_failed, len(drawn.failed)) == (LARGE, 40, 40)
    assert {individual.number for individual in large.top(ALWAYS)} <= numbers
    assert {individual.number for individual in large.alive} <= numbers
    assert large.best.number in numbers
    best = float("-inf")
    for individual in large.told:
        if individual.fitness > best:
            best = individual.fitness
            assert individual.number in numbers
    assert [place for place, _ in drawn.told] == sorted(individual.number + 1 for _, individual in drawn.told)


def test_the_lineage_of_the_best_is_drawn():
    parents = history(noise(LARGE))
    for individual in parents.individuals:
        individual.parents = (individual.number - 7,) if individual.number % 1000 >= 7 else ()
    numbers = {individual.number for _, individual in sample(parents).told}
    line = parents.lineage(parents.best.number)
    assert len(line) > 10
    assert {individual.number for individual in line} <= numbers


def test_the_rest_is_spread_over_the_whole_search_and_looks_like_it(large):
    drawn = sample(large)
    for start in range(0, LARGE, LARGE // 20):
        part = sum(start < place <= start + LARGE // 20 for place, _ in drawn.told)
        assert part == pytest.approx(MOST_MARKS / 20, rel=0.1)
    notable = {individual.number for individual in (*large.top(ALWAYS), *large.alive)}
    rest = [individual.fitness for _, individual in drawn.told if individual.number not in notable]
    assert sum(rest) / len(rest) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    "search",
    [
        lambda: history([number / LARGE for number in range(LARGE)], generation=1),
        lambda: history(noise(LARGE), population=LARGE),
        lambda: history(noise(200), failed=LARGE),
        lambda: history([], failed=LARGE),
    ],
    ids=["all are rises and one lineage", "all are alive", "most failed", "all failed"],
)
def test_never_more_marks_than_the_limit(search):
    searched = search()
    drawn = sample(searched)
    assert 0 < drawn.drawn <= MOST_MARKS
    figure = progress_figure(searched, "fitness", drawn)
    assert figure.is_sample
    assert len(re.findall("data-show=", plot(figure))) == drawn.drawn
    failed = f" and {len(drawn.failed):,} of {drawn.num_failed:,} failed ones" if drawn.num_failed else ""
    words = f"{len(drawn.told):,} of {len(searched.told):,} individuals{failed} are drawn"
    assert f"Marks are a sample: {words}" in description(figure)


def test_the_same_journal_gives_the_same_sample(large):
    assert sample(large).told == sample(history(noise(LARGE), failed=40)).told


def test_thinning_takes_one_of_each_stretch():
    assert thin([1, 2, 3], 3) == [1, 2, 3]
    taken = thin(range(1000), 10)
    assert [value // 100 for value in taken] == list(range(10))
    assert taken != list(range(0, 1000, 100))


def test_lines_axes_and_counts_are_those_of_all(large):
    figure = progress_figure(large, "fitness")
    values = sorted(individual.fitness for individual in large.told)
    assert figure.values == values
    assert (figure.told, figure.random, figure.alive, figure.failed) == (LARGE, 100, 100, 40)
    assert figure.best[-1] == (large.best.number + 1, values[-1])
    last = figure.band[-1]
    living = sorted(individual.fitness for individual in large.alive)
    assert (last.low, last.median, last.high) == (living[24], living[49], living[75])
    assert across(figure).axis.high == LARGE
    assert dict(legend(figure))["mutated"] == f"mutated ({LARGE - 100:,})"


def test_individuals_below_the_axis_are_counted_whether_drawn_or_not():
    few = history([0.001 if number % 100 == 50 else 0.9 + number / LARGE / 100 for number in range(LARGE)])
    figure = progress_figure(few, "fitness")
    drawn = bisect_left(sorted(mark.fitness for mark in figure.marks), up(figure).low)
    assert below(figure) == LARGE // 100
    assert 0 < drawn < LARGE // 100


def test_a_line_of_very_many_rises_ends_and_passes_where_all_of_them_do():
    climbing = history([number / LARGE for number in range(LARGE)])
    best = progress_figure(climbing, "fitness").best
    assert len(best) <= BEST_POINTS
    assert best[-1] == (LARGE, (LARGE - 1) / LARGE)
    assert all(value == (place - 1) / LARGE for place, value in best)


def test_picture_and_words_say_that_it_is_a_sample(large):
    figure = progress_figure(large, "fitness")
    words = f"{MOST_MARKS - 40:,} of {LARGE:,} individuals and 40 of 40 failed ones are drawn"
    assert f">{words}</text>" in drawing(figure)
    assert description(figure).endswith(
        f"Marks are a sample: {words}, the best among them. Lines, band, axes and counts are those of all."
    )
    small = progress_figure(history(noise(50)), "fitness")
    assert "drawn" not in description(small) + drawing(small)


def test_the_evolution_figure_draws_the_same_sample(large):
    figure = evolution_figure(large, "fitness")
    assert {dot.number for dot in figure.dots} == {individual.number for _, individual in sample(large).told}
    assert (figure.told, figure.alive) == (LARGE, 100)
    assert [dot.number for dot in figure.lineage] == [
        individual.number for individual in large.lineage(large.best.number)[::-1]
    ]


def test_a_page_of_more_individuals_than_are_drawn(new_run):
    run = new_run()
    run.search(LARGE, population=50, genome=lambda rng: f"{rng.getrandbits(40):040b}", every=1000)
    run.closed()
    page = write_report(run.folder)
    text = page.read_text()
    drawn = text.partition('id="plot"')[2].partition("</figure>")[0]
    assert len(re.findall(r"<(?:circle|rect|path)[^>]* data-show=", drawn)) == MOST_MARKS
    history = History.load(run.folder)
    rows = unpacked(text)
    assert set(rows) == set(map(int, re.findall(r'data-show="(\d+)"', drawn)))
    for number, row in rows.items():
        individual = history.individuals[number]
        assert (row["genome"], row["fitness"], row["state"]) == (
            individual.genome,
            individual.fitness,
            individual.state,
        )
    assert f"this page holds the {MOST_MARKS:,} individuals that are drawn, the journal all" in text
    assert set(map(int, re.findall(r'data-show="(\d+)"', text))) <= rows.keys()
    assert page.stat().st_size < 12e6
