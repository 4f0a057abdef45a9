"""The page in a real headless Chromium: nothing is complained about, and every mark opens its individual."""

import json
from collections.abc import Iterator
from pathlib import Path

import panel
import pytest
from browser import SCHEMES, WIDTHS, Chromium, cut, keep, needs_chromium, overflow, started
from example_runs import example_run
from playwright.sync_api import Page

from nas import History
from nas.reporting.drawings.architecture import architecture_drawings
from nas.reporting.figures import dna_places, sample
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.report import write_report

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module", params=[50, 20_000], ids=["50", "20000"])
def size(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module", params=["cells", "dna"])
def search(request: pytest.FixtureRequest, size: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """The page and the journal of a search in one of the papers' spaces."""
    folder = example_run(tmp_path_factory.mktemp("searches") / f"{request.param}-{size}", request.param, size)
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


def shown_by(page: Page, marks: str) -> list[int]:
    """The individuals that marks stand for, ascending."""
    return sorted(page.locator(marks).evaluate_all("marks => marks.map(mark => Number(mark.dataset.show))"))


@pytest.fixture(autouse=True)
def one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel is high and narrow, so it draws the longest DNA in one column."""
    monkeypatch.setattr(dna_places, "MOST_ROWS", 10_000)


def check_architecture(page: Page, history: History) -> None:
    """The panel draws what Python draws of the journal's genome, to a fiftieth of a pixel."""
    genome = history.individuals[panel.number(page)].genome
    expected = architecture_drawings(genome, image_shape(history.identity))
    images = page.locator("#panel-body svg")
    assert images.count() == len(expected) > 0
    for place, drawing in enumerate(expected):
        assert panel.unmatched(panel.drawn(images.nth(place)), panel.drawn_by_python(drawing.image)) == []
    if "normal" in genome:
        assert panel.cells_in_words(panel.words(page)) == genome


def test_marks_are_the_individuals_of_the_journal(chromium, search):
    report, history = search
    with chromium.open(report) as page:
        told = shown_by(page, "#plot circle[data-show], #plot rect[data-show]")
        failed = shown_by(page, "#plot path[data-show]")
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
            check_architecture(page, history)
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


def test_the_page_at_every_width_in_light_and_dark(chromium, search, size, request):
    report, history = search
    space = request.node.callspec.params["search"]
    for width in WIDTHS:
        for scheme in SCHEMES:
            with chromium.open(report, width, scheme) as page:
                keep(page, f"report-{space}-{size}-{width}-{scheme}")
                page.locator(f'[data-show="{history.best.number}"]').locator("visible=true").last.click()
                assert panel.number(page) == history.best.number
                assert overflow(page) == 0
                assert cut(page, "#panel") == cut(page, "#architecture") == []
                keep(page, f"panel-{space}-{size}-{width}-{scheme}", whole=False)


SILENT = """() => [...document.querySelectorAll("main svg.figure")].filter(svg => !svg.closest("[aria-hidden=true]"))
  .filter(svg => svg.getAttribute("role") !== "img" || !svg.getAttribute("aria-label")).map(svg => svg.outerHTML)"""


def test_every_figure_has_a_text_alternative(chromium, search):
    report, _ = search
    with chromium.open(report) as page:
        assert page.evaluate(SILENT) == []


def small(new_run) -> Path:
    """Seven individuals: 0, 1 and 2 random; 3 of 0, 4 of 3, 5 of 3; 6 failed."""
    run = new_run()
    born = [((), 0.5), ((), 0.4), ((), 0.3), ((0,), 0.7), ((3,), 0.9), ((3,), 0.6)]
    for number, (parents, fitness) in enumerate(born):
        run.asked(number, f"{number:08b}", parents, name="flip")
        run.told(number, fitness)
    run.asked(6, "11111111", (4,), name="flip")
    run.failed(6, "ValueError: no such folder")
    run.closed()
    return write_report(run.folder)


def test_the_whole_by_keyboard(chromium, new_run):
    with chromium.open(small(new_run)) as page:
        plot = page.locator(".plot.walk").first
        for _ in range(20):
            page.keyboard.press("Tab")
            if plot.evaluate("box => box === document.activeElement"):
                break
        assert plot.evaluate("box => box.matches(':focus-visible')")
        walked = []
        for _ in range(7):
            page.keyboard.press("ArrowRight")
            walked.append(page.locator("#tip").inner_text())
        assert [line.split(" · ")[0] for line in walked] == ["#0", "#1", "#2", "#3", "#4", "#5", "#6"]
        assert walked[3:5] == ["#3 · 0.7000 · flip of 0", "#4 · 0.9000 · flip of 3"]
        assert page.locator("#spoken").inner_text() == "#6 · failed · flip of 4"
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert panel.number(page) == 1
        assert page.evaluate("document.activeElement.id") == "panel-title"
        page.keyboard.press("ArrowRight")
        assert panel.number(page) == 2
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert panel.number(page) == 0
        page.keyboard.press("Escape")
        assert page.locator("#panel").is_hidden()
        assert "#" not in page.url
        assert plot.evaluate("box => box === document.activeElement")


def test_parents_and_children_are_links_along_the_genealogy(chromium, new_run):
    with chromium.open(small(new_run)) as page:
        page.locator("#top-title").click()
        page.locator('#top [data-show="4"]').click()
        assert panel.shown(page)["rank"] == "the best"
        page.locator("#panel").get_by_role("button", name="#3").click()
        facts = panel.shown(page)
        assert panel.number(page) == 3
        assert (facts["rank"], facts["parent"], facts["children"]) == ("2 of 6", "#0", "#4 #5")
        page.locator("#panel").get_by_role("button", name="#0").click()
        assert panel.shown(page)["came by"] == "random"
        page.get_by_role("button", name="Next individual").click()
        assert panel.number(page) == 1
        page.get_by_role("button", name="Close").click()
        assert page.locator("#panel").is_hidden()
        assert page.evaluate("document.activeElement.dataset.show") == "4"


def test_an_address_opens_an_individual(chromium, new_run):
    report = small(new_run)
    with chromium.open(f"{report.as_uri()}#individual-5") as page:
        assert panel.number(page) == 5
        page.evaluate("location.hash = 'individual-4'")
        page.wait_for_selector('#panel[data-number="4"]')
    for elsewhere in ("#individual-7", "#individual--1", "#individual-1e3", "#progress"):
        with chromium.open(f"{report.as_uri()}{elsewhere}") as page:
            assert page.locator("#panel").is_hidden()


def test_hovering_says_at_once_who_a_mark_is(chromium, new_run):
    with chromium.open(small(new_run)) as page:
        page.locator('#plot [data-show="3"]').hover()
        assert page.locator("#tip").inner_text() == "#3 · 0.7000 · flip of 0"
        page.locator("h1").hover()
        assert page.locator("#tip").is_hidden()


def test_a_page_without_scripts_shows_everything_but_the_panel(chromium, new_run):
    with chromium.open(small(new_run), scripts=False) as page:
        assert page.locator('#plot [data-show="3"] > title').text_content() == "#3 · 0.7000 · flip of 0"
        assert page.locator("#panel").is_hidden()
        assert page.locator("#chooser").is_hidden()


def test_typing_a_number_shows_it_and_leaves_the_focus_where_it_is(chromium, new_run):
    with chromium.open(small(new_run)) as page:
        page.get_by_label("Individual", exact=True).fill("2")
        assert panel.number(page) == 2
        assert page.evaluate("document.activeElement.id") == "number"


def test_a_page_of_a_sample_says_which_individuals_it_lacks(chromium, new_run, monkeypatch):
    monkeypatch.setattr(sample, "MOST_MARKS", 200)
    run = new_run()
    run.search(400, every=1000)
    report = write_report(run.folder)
    with chromium.open(report) as page:
        shown = shown_by(page, "#plot [data-show]")
        assert len(set(shown)) == 200
        assert "200 of 400 individuals are drawn" in page.locator("#progress figcaption").inner_text()
        missing = min(set(range(400)) - set(shown))
        page.get_by_label("Individual", exact=True).fill(str(missing))
        words = f"Individual {missing} is not in the sample that this page holds; the journal has it."
        assert page.locator("#panel-body").inner_text() == words


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


def test_names_with_html_are_shown_not_executed(chromium, new_run):
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>&\"'"
    run = new_run()
    genomes = [
        {cell: [[[nasty, 0], ["sep_conv_3x3", 1]]] for cell in ("normal", "reduction")},
        nasty,
        {"normal": [[["none", 7], ["none", 0]]], "reduction": nasty},
        {"vertices": [{"type": nasty}, {"type": nasty}], "edges": [{"source": 0, "target": 1}], "learning_rate": 0.1},
        {"vertices": [None, 3], "edges": [{"source": 5, "target": 1}], "learning_rate": nasty},
        {"normal": {"combinations": [[["none", 0], ["none", 1]]], "concat": [99]}},
        None,
        [[nasty]],
    ]
    for number, genome in enumerate(genomes):
        run.asked(number, genome, (0,) if number else (), name=nasty)
        run.told(number, 0.5, **{nasty: nasty, "constructor": nasty, "parameters": nasty, "train_s": None})
    run.asked(len(genomes), nasty, (0,))
    run.failed(len(genomes), nasty)
    report = write_report(run.folder)
    with chromium.open(report) as page:
        for number in range(len(genomes) + 1):
            page.evaluate(f"location.hash = 'individual-{number}'")
            page.wait_for_selector(f'#panel[data-number="{number}"]')
            assert nasty in page.locator("#panel").inner_text().replace('\\"', '"')
            assert page.locator("img").count() == page.locator("#panel script").count() == 0
            assert number not in (1, 2, 4, 5, 6, 7) or page.locator("#panel-body svg").count() == 0
            page.locator(f'#plot [data-show="{number}"]').dispatch_event("pointerover")
            assert nasty.replace("_", " ") in page.locator("#tip").inner_text() or number in (0, len(genomes))


def test_an_unknown_space_is_shown_as_the_journals_text(chromium, new_run):
    genome = {"blocks": [1, {"kind": "conv"}], "heads": 3}
    run = new_run()
    run.asked(0, genome)
    run.told(0, 0.5)
    with chromium.open(f"{write_report(run.folder).as_uri()}#individual-0") as page:
        assert json.loads(page.locator("#panel-body pre").inner_text()) == genome


CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"


@pytest.mark.parametrize("genome", [CELL, "01" * 30], ids=["nasbench201", "bits"])
def test_other_spaces_are_drawn_as_in_the_section(chromium, new_run, genome):
    run = new_run()
    run.asked(0, genome)
    run.told(0, 0.5)
    with chromium.open(f"{write_report(run.folder).as_uri()}#individual-0") as page:
        check_architecture(page, History.load(run.folder))


def test_an_empty_search_makes_no_error(chromium, new_run):
    with chromium.open(write_report(new_run().folder)) as page:
        assert "Nothing has been evaluated yet" in page.locator("main").inner_text()


def test_a_search_of_failures_alone_can_be_looked_through(chromium, new_run):
    run = new_run()
    for number in range(3):
        run.asked(number, "0110")
        run.failed(number, "ValueError: no such folder")
    with chromium.open(write_report(run.folder)) as page:
        page.locator('#plot [data-show="2"]').click()  # the others lie below it
        page.keyboard.press("ArrowLeft")
        assert panel.number(page) == 1
        assert panel.shown(page)["reason"] == "ValueError: no such folder"
