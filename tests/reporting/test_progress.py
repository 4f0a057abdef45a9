"""The progress figure: its data, its axes, its marks."""

import re

import pytest

from nas.reporting.drawings.axis import axis
from nas.reporting.drawings.progress import drawing, plot
from nas.reporting.drawings.progress_axes import across, below, names, up
from nas.reporting.drawings.progress_marks import places
from nas.reporting.drawings.progress_words import description, legend
from nas.reporting.figures.progress import progress_figure
from nas.search.history import History


def figure_of(run):
    return progress_figure(History.load(run.folder), "valid_accuracy")


def test_the_best_rises_at_the_first_told_among_equals(new_run):
    run = new_run()
    for number, fitness in enumerate([0.5, 0.7, 0.6, 0.7, 0.9]):
        run.asked(number, "01")
        run.told(number, fitness)
    figure = figure_of(run)
    assert figure.best == [(1, 0.5), (2, 0.7), (5, 0.9)]
    assert figure.best_number == 4


def test_evaluations_count_in_the_order_of_telling(new_run):
    run = new_run()
    for number in range(3):
        run.asked(number, "01")
    for number in (2, 0, 1):
        run.told(number, 0.5)
    assert [mark.number for mark in figure_of(run).marks] == [2, 0, 1]


def test_alive_and_random_come_from_the_journal(new_run):
    run = new_run()
    run.asked(0, "01")
    run.told(0, 0.5)
    run.asked(1, "11", (0,))
    run.told(1, 0.6, removed=(0,))
    first, second = figure_of(run).marks
    assert (first.random, first.alive, second.random, second.alive) == (True, False, False, True)


def test_failures_stand_where_they_happened(new_run):
    run = new_run()
    run.asked(0, "01")
    run.told(0, 0.5)
    run.asked(1, "01")
    run.failed(1, "no")
    assert [(failure.number, failure.evaluation) for failure in figure_of(run).failures] == [(1, 1)]


def test_the_band_is_the_living_population(new_run):
    run = new_run()
    for number, fitness in enumerate([0.1, 0.2, 0.3, 0.4, 0.5]):
        run.asked(number, "01")
        run.told(number, fitness, removed=(0,) if number == 4 else ())
    last = figure_of(run).band[-1]
    assert (last.evaluation, last.low, last.median, last.high) == (5, 0.2, 0.3, 0.5)


def test_a_search_without_a_population_has_no_band(new_run):
    run = new_run()
    for number in range(5):
        run.asked(number, "01")
        run.told(number, 0.5, removed=(number,))
    assert figure_of(run).band == []


def test_diverged_individuals_do_not_press_the_others_together(new_run):
    run = new_run()
    for number in range(100):
        run.asked(number, "01")
        run.told(number, 0.1 if number in (3, 50) else 0.9 + number / 2000)
    figure = figure_of(run)
    assert below(figure) == 2
    assert up(figure).low > 0.85
    assert "2 below" in plot(figure)
    assert len(re.findall(r"data-show=", plot(figure))) == 100


def test_what_differs_differs_in_shape_too(new_run):
    run = new_run()
    run.search(30)
    picture = plot(figure_of(run))
    assert '<g class="mark random dead"' in picture
    assert re.search(r'<g class="mark mutated alive"><circle', picture)
    kinds = [kind for kind, _ in legend(figure_of(run))]
    assert kinds == ["random", "mutated", "alive", "best", "band", "failure"]


def test_hovering_names_the_individual(new_run):
    run = new_run()
    run.asked(0, "01")
    run.told(0, 0.5)
    run.asked(1, "11", (0,))
    run.told(1, 0.625)
    assert "<title>#1 · 0.6250 · hidden state of 0</title>" in drawing(figure_of(run))


def test_the_words_say_what_the_figure_shows(new_run):
    run = new_run()
    run.asked(0, "01")
    run.told(0, 0.5)
    assert description(figure_of(run)) == (
        "Progress: valid_accuracy of 1 individual in the order of evaluation. The best so far starts at 0.5000 and "
        "reaches 0.5000 at evaluation 1 (individual 0). Alive at the end: 1 individual."
    )


@pytest.mark.parametrize(
    ("low", "high", "ticks", "labels"),
    [
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.0, 20000.0, (0, 5000, 10000, 15000, 20000), ["0", "5,000", "10,000", "15,000", "20,000"]),
        (0.93, 0.951, (0.93, 0.935, 0.94, 0.945, 0.95), ["0.930", "0.935", "0.940", "0.945", "0.950"]),
    ],
)
def test_ticks_are_round_numbers(low, high, ticks, labels):
    made = axis(low, high)
    assert made.ticks == pytest.approx(ticks)
    assert [made.label(tick) for tick in made.ticks] == labels


def test_whole_numbers_have_whole_ticks():
    assert axis(0, 2, whole=True).ticks == (0, 1, 2)


@pytest.mark.parametrize("value", [0.0, 0.5, -3.0])
def test_an_axis_over_one_value_is_widened(value):
    made = axis(value, value)
    assert made.fraction(value) == pytest.approx(0.5)
    assert made.ticks


def spent_run(new_run):
    run = new_run()
    for number, flops in enumerate([100, 300, 100]):
        run.asked(number, "01")
        run.told(number, 0.5 + number / 10, train_flops=flops)
    run.asked(3, "01")
    run.failed(3, "no")
    return run


def test_the_axes_are_what_was_spent(new_run):
    run = spent_run(new_run)
    figure, told = figure_of(run), History.load(run.folder).told
    assert names(figure) == ["evaluations", "time_s", "train_flops"]
    assert [across(figure, "train_flops").fraction(evaluation) for evaluation in range(4)] == [0, 0.2, 0.8, 1]
    last = told[-1].finished_s
    assert [across(figure, "time_s").fraction(k) for k in (1, 2, 3)] == [ind.finished_s / last for ind in told]


def test_marks_move_to_where_a_file_over_that_axis_has_them(new_run):
    figure = figure_of(spent_run(new_run))
    for name in names(figure):
        drawn = str(plot(figure, [name]))
        moved = places(figure, across(figure, name))
        found = {int(n): float(x) for x, n in re.findall(r'(?:cx|x)="([\d.]+)%" [^>]*data-show="(\d+)"', drawn)}
        found |= {3: float(re.search(r'<svg x="([\d.]+)%" y="100%"', drawn)[1])}
        assert moved == found


def test_each_axis_has_its_lines_and_the_marks_are_drawn_once(new_run):
    figure = figure_of(spent_run(new_run))
    drawn = str(plot(figure, names(figure)))
    assert drawn.count("best-line") == 3
    assert len(re.findall(r'data-axis="time_s" class="off"', drawn)) == 5
    assert len(re.findall(r'data-show="\d+"', drawn)) == 4


def test_look_ups_without_a_time_have_no_axis_of_it(new_run):
    run = new_run()
    run.asked(0, "01")
    run.told(0, 0.5, simulated_s=0.0)
    assert names(figure_of(run)) == ["evaluations"]


def test_nothing_told_has_axes_too(new_run):
    figure = figure_of(new_run())
    assert names(figure) == ["evaluations"]
    assert drawing(figure)
