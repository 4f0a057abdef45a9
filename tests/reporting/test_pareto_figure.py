"""The Pareto front: its members, its share of the rectangle, its picture and its table."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from nas.reporting.drawings.pareto import description, drawing, legend, plot, scene
from nas.reporting.figures.pareto import pareto_figure
from nas.reporting.front_table import MOST_ROWS, front_table
from nas.reporting.report import write_report
from nas.search.history import History

IDENTITY = {
    "search_space": {"name": "bits"},
    "algorithm": {"name": "nsga2", "population_size": 4, "objective": "multiply_adds"},
    "evaluator": {"name": "train", "fitness": "valid_accuracy"},
    "seed": 0,
}
TOLD = [(0.5, 20e6), (0.75, 40e6), (0.25, 30e6), (1.0, 100e6), (0.75, 40e6), (0.75, 80e6)]


def told(new_run, points=TOLD, identity=IDENTITY):
    run = new_run("front", identity)
    for number, (fitness, cost) in enumerate(points):
        run.asked(number, "01", (0,) if number else ())
        run.told(number, fitness, (2,) if number == 3 else (), multiply_adds=cost, parameters=1000 * number)
    return run


def figure_of(run):
    return pareto_figure(History.load(run.folder), "valid_accuracy")


def test_the_front_is_of_all_that_was_told_and_equal_ones_count_once(new_run):
    figure = figure_of(told(new_run))
    assert [member.individual.number for member in figure.front] == [0, 1, 3]
    assert figure.dead == [(0.25, 30e6)]
    assert len(figure.points) == 6


def test_the_share_is_the_area_under_the_step_line(new_run):
    """Of 80 M times 0.75: 80 M times 0.25, 60 M times 0.25, and nothing of the last, which is the dearest."""
    assert figure_of(told(new_run)).share == pytest.approx((80 * 0.25 + 60 * 0.25) / (80 * 0.75))


def test_points_without_an_area_have_no_share(new_run):
    figure = figure_of(told(new_run, [(0.5, 7.0)]))
    assert figure.share is None
    assert description(figure) == (
        "Pareto front: valid_accuracy against multiply adds of 1 individual. One beats or equals all others in both: "
        "#0 (0.5000 at 7)."
    )
    assert "<circle" in plot(figure)


def test_the_words_and_the_legend_say_what_the_figure_shows(new_run):
    figure = figure_of(told(new_run))
    assert description(figure) == (
        "Pareto front: valid_accuracy against multiply adds of 6 individuals. None beats these 3 in both: from #0 "
        "(0.5000 at 20.0 M) to #3 (1.0000 at 100 M). They dominate 58.3 % of the rectangle that all individuals span "
        "(hypervolume)."
    )
    assert legend(figure) == [
        ("front", "Pareto front (3)"),
        ("alive", "population at the end (5)"),
        ("dead", "others (1)"),
    ]


def test_costs_are_in_the_axis_unit_and_the_line_steps_through_the_front(new_run):
    figure = figure_of(told(new_run))
    here, picture = scene(figure), plot(figure)
    assert (here.size, here.unit) == (1e6, "M")
    (line,) = re.findall(r'<path d="([^"]*)" class="best-line"', picture)
    assert line.count("V") == 3
    heights = [float(value) for value in re.findall(r"V([\d.]+)", line)]
    assert heights == pytest.approx([1000 * here.at(member.point)[1] for member in figure.front], abs=0.01)
    for member in figure.front:
        assert f"<title>{member.title}</title>" in picture


def test_those_below_the_front_lie_on_the_edge_and_are_counted(new_run):
    figure = figure_of(told(new_run, [(0.9 + n / 1000, 10.0 + n) for n in range(30)] + [(0.1, 40.0), (0.1, 41.0)]))
    assert scene(figure).up.low > 0.89
    assert "2 below 0.898 on the edge" in plot(figure)


def test_numbers_do_not_lie_on_each_other(new_run):
    figure = figure_of(told(new_run, [(0.5 + n / 1000, float(n)) for n in range(400)]))
    picture = plot(figure)
    assert len(figure.front) == 400
    assert 5 <= picture.count("best-label") <= 20
    assert ">#399</text>" in picture


def test_many_individuals_are_few_dots(new_run):
    crowd = [(n % 211 / 1000, float(n * 7919 % 30011)) for n in range(25_000)]
    picture = plot(figure_of(told(new_run, crowd)))
    assert 10_000 < len(re.findall(r"h0", picture)) < 20_000


def test_the_table_has_a_row_for_each(new_run):
    table = front_table(figure_of(told(new_run)))
    assert table.head == ["number", "fitness", "multiply adds", "parameters", "came by", "at the end"]
    assert table.rows[0] == ["0", "0.5000", "20.0 M", "0", "random", "alive"]
    assert table.rows[2] == ["3", "1.0000", "100 M", "3.00 k", "hidden state of 0", "alive"]


def test_a_long_table_is_spread_over_the_front_with_its_ends(new_run):
    rows = front_table(figure_of(told(new_run, [(n / 1000, float(n)) for n in range(350)]))).rows
    assert (len(rows), rows[0][0], rows[-1][0]) == (MOST_ROWS, "0", "349")
    assert len({row[0] for row in rows}) == MOST_ROWS


def test_the_page_and_the_folder_have_it(new_run):
    run = told(new_run)
    page = write_report(run.folder).read_text()
    assert "NSGA-II in the search space bits" in page
    assert '<section id="pareto"' in page
    assert 'data-show="3">#3</button>' in page[page.index('id="pareto"') :]
    root = ElementTree.parse(run.folder / "figures" / "pareto.svg").getroot()
    assert root.get("aria-label").startswith("Pareto front")


def test_a_search_by_fitness_alone_has_none(new_run):
    run = new_run()
    run.search(20)
    assert figure_of(run) is None
    assert '<section id="pareto"' not in write_report(run.folder).read_text()


def test_before_anything_is_told_there_is_none(new_run):
    run = told(new_run, [])
    assert figure_of(run) is None
    assert "Nothing has been evaluated yet" in write_report(run.folder).read_text()


def test_a_name_with_html_is_shown_not_executed(new_run):
    nasty = "<img src=x onerror=alert(1)>"
    run = new_run("nasty", {**IDENTITY, "algorithm": {"name": "nsga2", "objective": nasty}})
    for number, cost in enumerate((1, 2)):
        run.asked(number, "01")
        run.told(number, 0.5 + number / 10, **{nasty: cost})
    page = write_report(run.folder).read_text()
    assert "<img" not in page
    assert "<img" not in drawing(figure_of(run))
