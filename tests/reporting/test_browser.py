"""The page in a real headless Chromium: nothing is complained about, and every mark opens its individual."""

from pathlib import Path

import panel
import pytest
from browser import SCHEMES, WIDTHS, cut, keep, needs_chromium, overflow
from example_runs import example_run
from playwright.sync_api import Page

from nas import History
from nas.algorithms.pareto import Point
from nas.reporting.drawings.pareto import scene
from nas.reporting.figures.pareto import pareto_figures
from nas.reporting.material import Material
from nas.reporting.report import write_report

pytestmark = needs_chromium


SEARCHES = [(space, size) for space in ("cells", "dna") for size in (50, 20_000)]


@pytest.fixture(scope="module", params=SEARCHES, ids=["-".join(map(str, one)) for one in SEARCHES])
def search(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """The page and the journal of a search in one of the papers' spaces, of few or of many individuals."""
    space, size = request.param
    folder = example_run(tmp_path_factory.mktemp("searches") / f"{space}-{size}", space, size)
    return write_report(folder), History.load(folder)


def on_top(page: Page, number: int) -> tuple[int, float, float]:
    """The individual whose mark is met first where that of `number` lies, and the place."""
    mark = page.locator(f'#plot [data-show="{number}"]')
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    found = page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('[data-show]')?.dataset.show", [x, y])
    return int(found), x, y


def test_marks_are_the_individuals_of_the_journal(chromium, search):
    report, history = search
    with chromium.open(report) as page:
        told = panel.shown_by(page, "#plot circle[data-show], #plot rect[data-show]")
        failed = panel.shown_by(page, "#plot path[data-show]")
    assert told == sorted(individual.number for individual in history.told)
    assert failed == [individual.number for individual in history.individuals if individual.state == "failed"]


def test_a_click_on_a_mark_shows_its_architecture_as_the_journal_has_it(chromium, search):
    report, history = search
    with chromium.open(report) as page:
        opened = set()
        for individual in (history.best, *history.told[:: len(history.told) // 12]):
            number, x, y = on_top(page, individual.number)
            page.mouse.click(x, y)
            page.wait_for_selector(f'#panel[data-number="{number}"]')
            facts = panel.shown(page)
            assert facts["fitness"] == f"{history.individuals[number].fitness:.4f}"
            panel.check_architecture(page, history)
            opened.add(number)
            assert page.url.endswith(f"#individual-{number}")
        assert len(opened) > 8


def test_a_click_on_a_failure_shows_its_reason(chromium, search):
    report, history = search
    failed = [individual for individual in history.individuals if individual.state == "failed"]
    with chromium.open(report) as page:
        for individual in failed[:1]:
            number, x, y = on_top(page, individual.number)
            page.mouse.click(x, y)
            assert panel.number(page) == number
            assert "CUDA out of memory" in panel.shown(page)["reason"]


def test_the_page_at_every_width_in_light_and_dark(chromium, search):
    report, history = search
    name = report.parent.name
    for width in WIDTHS:
        for scheme in SCHEMES:
            with chromium.open(report, width, scheme) as page:
                keep(page, f"report-{name}-{width}-{scheme}")
                page.locator(f'[data-show="{history.best.number}"]').locator("visible=true").last.click()
                assert panel.number(page) == history.best.number
                assert overflow(page) == 0
                assert cut(page, "#panel") == cut(page, "#architecture") == []
                keep(page, f"panel-{name}-{width}-{scheme}", whole=False)


SILENT = """() => [...document.querySelectorAll("main svg.figure")].filter(svg => !svg.closest("[aria-hidden=true]"))
  .filter(svg => svg.getAttribute("role") !== "img" || !svg.getAttribute("aria-label")).map(svg => svg.outerHTML)"""


def test_every_figure_has_a_text_alternative(chromium, search):
    report, _ = search
    with chromium.open(report) as page:
        assert page.evaluate(SILENT) == []


def test_a_changed_journal_changes_the_picture(chromium, new_run):
    pictures = []
    for name, fitness in (("one", 0.8), ("other", 0.9), ("again", 0.8)):
        run = new_run(name)
        for number, value in enumerate((0.5, 0.6, fitness, 0.7)):
            run.asked(number, "0110")
            run.told(number, value)
        with chromium.open(write_report(run.folder)) as page:
            pictures.append(page.locator("#plot").screenshot())
    assert pictures[0] == pictures[2] != pictures[1]


def test_an_empty_search_makes_no_error(chromium, new_run):
    with chromium.open(write_report(new_run().folder)) as page:
        assert "Nothing has been evaluated yet" in page.locator("main").inner_text()


def test_a_click_beside_a_dot_of_the_pareto_figure_opens_its_individual(chromium, new_run):
    """Many dots are one path, so the page looks for the one that is nearest to the pointer."""
    run = new_run()
    for number in range(40):
        run.asked(number, f"genome {number}")
        run.told(number, 0.5 + (number * 7 % 40) / 100, multiply_adds=1000 + 37 * number)
    history = History.load(run.folder)
    (figure,) = pareto_figures(Material(history))
    individual = history.individuals[23]
    across, down = scene(figure).at(Point(individual.fitness, individual.metrics["multiply_adds"]))
    with chromium.open(write_report(run.folder)) as page:
        area = page.locator("#tradeoff .click-area[data-ready]")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        beside = (box["x"] + across * box["width"] + 3, box["y"] + down * box["height"] - 2)
        page.mouse.move(*beside)
        page.locator("#tradeoff .nearest").wait_for(state="visible")
        page.mouse.click(*beside)
        assert panel.number(page) == 23
        assert "genome 23" in page.locator("#panel").inner_text()


def test_the_progress_figure_over_other_axes(chromium, new_run):
    run = new_run()
    for number, flops in enumerate((100, 300, 100)):
        run.asked(number, f"genome {number}")
        run.told(number, 0.5 + number / 10, train_flops=flops)
    with chromium.open(write_report(run.folder)) as page:
        places = {}
        for axis in ("train_flops", "evaluations", "time_s"):
            page.locator(f"label[for=axis-{axis}]").click()
            marks = page.locator("#plot [data-show]").all()
            places[axis] = [mark.get_attribute("x") for mark in marks]
            shown = [group.get_attribute("data-axis") for group in page.locator("#plot [data-axis]:not(.off)").all()]
            assert set(shown) == {axis}
        assert places["train_flops"] == ["20%", "80%", "100%"]
        assert places["evaluations"] == ["33.33%", "66.67%", "100%"]
