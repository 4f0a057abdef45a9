"""The Pareto front: its members, its share of the rectangle, its picture and its table."""

import base64
import gzip
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from math import log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.algorithms.pareto import Point, dominates
from nas.reporting.drawings.pareto import description, drawing, legend, plot, scene
from nas.reporting.figures import sample
from nas.reporting.figures.pareto import front_places, pareto_figures
from nas.reporting.front_table import MOST_ROWS, front_table
from nas.reporting.material import Material
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


def figures_of(run):
    return pareto_figures(Material(History.load(run.folder)))


def figure_of(run):
    return figures_of(run)[0]


def clickable(picture):
    """Numbers and places of what a click finds."""
    packed = gzip.decompress(base64.b64decode(re.search(r'data-marks="([^"]*)"', picture)[1]))
    count = len(packed) // 8
    numbers = np.frombuffer(packed, "<u4", count)
    x, y = (np.frombuffer(packed, "<u2", count, offset) / 65535 for offset in (4 * count, 6 * count))
    return numbers, x, y


def test_the_front_is_of_all_that_was_told_and_equal_ones_count_once(new_run):
    figure = figure_of(told(new_run))
    assert [member.individual.number for member in figure.front] == [0, 1, 3]
    assert figure.numbers[~figure.alive].tolist() == [2]
    assert len(figure.cost) == 6


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(-2, 3)), min_size=1, max_size=12))
def test_the_front_is_whom_none_dominates(drawn):
    points = [Point(fitness, float(cost)) for fitness, cost in drawn]
    places = front_places(*map(np.array, zip(*points, strict=True)))
    best = [
        place
        for place, point in enumerate(points)
        if not any(dominates(other, point) for other in points) and point not in points[:place]
    ]
    assert sorted(places.tolist()) == best
    assert [points[place].cost for place in places] == sorted(points[place].cost for place in best)


def test_the_share_is_the_area_under_the_step_line(new_run):
    """Of 80 M times 0.75: 80 M times 0.25, 60 M times 0.25, and nothing of the last, which is the dearest."""
    assert figure_of(told(new_run)).share == pytest.approx((80 * 0.25 + 60 * 0.25) / (80 * 0.75))


def test_points_without_an_area_have_no_share(new_run):
    figure = figure_of(told(new_run, [(0.5, 7.0)]))
    assert figure.share is None
    assert description(figure) == (
        "Pareto front: valid accuracy against multiply-adds of 1 individual. One beats or equals all others in both: "
        "#0 (0.5000 at 7)."
    )
    assert "<circle" in plot(figure)


def test_the_words_and_the_legend_say_what_the_figure_shows(new_run):
    figure = figure_of(told(new_run))
    assert description(figure) == (
        "Pareto front: valid accuracy against multiply-adds of 6 individuals. None beats these 3 in both: from #0 "
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
    assert table.head == ["number", "fitness", "multiply-adds", "parameters", "came by", "at the end"]
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
    section = page[page.index('<section id="tradeoff"') :]
    assert 'data-show="3">#3</button>' in section
    assert re.search(r'<circle[^>]* data-show="3"', section)
    for objective in ("multiply-adds", "parameters"):
        root = ElementTree.parse(run.folder / "figures" / f"pareto-{objective}.svg").getroot()
        assert root.get("aria-label").startswith("Pareto front")


def test_a_search_by_fitness_alone_has_a_figure_for_each_cost_that_differs(new_run):
    identity = {**IDENTITY, "algorithm": {"name": "aging"}}
    run = told(new_run, identity=identity)
    assert [figure.objective for figure in figures_of(run)] == ["multiply_adds", "parameters"]
    equal = new_run("equal", identity)
    equal.search(20)  # all cost the same
    assert figures_of(equal) == []
    assert '<section id="tradeoff"' not in write_report(equal.folder).read_text()


def test_the_searchs_own_objective_comes_first(new_run):
    run = new_run("own", {**IDENTITY, "algorithm": {"name": "nsga2", "objective": "latency_ms"}})
    for number in range(3):
        run.asked(number, "01")
        run.told(number, 0.5, latency_ms=7.0, multiply_adds=5 + number, parameters=3)
    figures = figures_of(run)
    assert [figure.objective for figure in figures] == ["latency_ms", "multiply_adds"]
    page = write_report(run.folder).read_text()
    section = page[page.index('<section id="tradeoff"') :].partition("</section>")[0]
    assert ">against latency, ms</label>" in section
    assert section.count('<input type="radio"') == 2


def test_individuals_whose_cost_is_unknown_are_left_out(new_run):
    run = new_run("part", IDENTITY)
    for number, cost in enumerate([5, None, "much", True, 7]):
        run.asked(number, "01")
        run.told(number, 0.5, multiply_adds=cost)
    assert figure_of(run).numbers.tolist() == [0, 4]


def test_costs_over_more_than_two_decades_are_drawn_by_their_logarithm(new_run):
    costs = [10.0, 300.0, 4e4, 2e6]
    run = told(new_run, [(0.5 + n / 10, cost) for n, cost in enumerate(costs)])
    here = scene(figure_of(run))
    assert here.across.log
    places = [here.at(Point(0.5, cost))[0] for cost in costs]
    steps = [log10(after / before) for before, after in pairwise(costs)]
    assert np.diff(places) == pytest.approx(np.array(steps) * (places[-1] - places[0]) / sum(steps))
    assert "not its logarithm" in description(figure_of(run))
    assert not scene(figures_of(run)[1]).across.log  # the parameters, which begin at 0
    picture = plot(figure_of(run))
    assert [label for label in ("10", "1 k", "100 k", "1 M") if f">{label}</text>" in picture] == [
        "10",
        "1 k",
        "100 k",
        "1 M",
    ]


def test_a_click_finds_every_individual_at_its_place(new_run):
    figure = figure_of(told(new_run))
    numbers, x, y = clickable(plot(figure))
    here = scene(figure)
    assert numbers.tolist() == [0, 1, 2, 3, 4, 5]
    for place, (fitness, cost) in enumerate(TOLD):
        assert (x[place], y[place]) == pytest.approx(here.at(Point(fitness, cost)), abs=1e-4)
    assert "data-marks" not in drawing(figure)  # a file has no script


def test_a_click_finds_those_that_the_page_holds(new_run, monkeypatch):
    monkeypatch.setattr(sample, "MOST_MARKS", 200)
    run = told(new_run, [(n % 97 / 1000, float(n * 7919 % 3001)) for n in range(600)])
    material = Material(History.load(run.folder))
    numbers, _, _ = clickable(plot(pareto_figures(material)[0]))
    assert sorted(numbers.tolist()) == [individual.number for individual in material.sample.shown(material.history)]
    assert "the page holds 200 of them" in write_report(run.folder).read_text()


def test_before_anything_is_told_there_is_none(new_run):
    run = told(new_run, [])
    assert figures_of(run) == []
    assert "Nothing has been evaluated yet" in write_report(run.folder).read_text()


def test_a_name_with_html_is_shown_not_executed(new_run):
    nasty = "<img src=x onerror=alert(1)>"
    run = new_run("nasty", {**IDENTITY, "algorithm": {"name": "nsga2", "objective": nasty}})
    for number, cost in enumerate((1, 2)):
        run.asked(number, "01")
        run.told(number, 0.5 + number / 10, **{nasty: cost})
    page = write_report(run.folder).read_text()
    assert "<img" not in page
    assert "against &lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in drawing(figure_of(run))
    names = {path.name for path in (run.folder / "figures").iterdir()}
    assert "pareto--img-src-x-onerror-alert-1--.svg" in names
