"""The panel that shows one individual: what opens it, what it says, and that it is reached by keyboard."""

import json
from pathlib import Path

import panel
import pytest
from browser import needs_chromium

from nas import History
from nas.reporting.figures import sample
from nas.reporting.report import write_report
from tests.search.test_fidelity import LOW, search

pytestmark = needs_chromium


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
        shown = panel.shown_by(page, "#plot [data-show]")
        assert len(set(shown)) == 200
        assert "200 of 400 individuals are drawn" in page.locator("#progress figcaption").inner_text()
        missing = min(set(range(400)) - set(shown))
        page.get_by_label("Individual", exact=True).fill(str(missing))
        words = f"Individual {missing} is not in the sample that this page holds; the journal has it."
        assert page.locator("#panel-body").inner_text() == words


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
        panel.check_architecture(page, History.load(run.folder))


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


def test_a_reduced_evaluation_says_so_and_is_ranked_among_its_equals(chromium, tmp_path):
    history = search(tmp_path / "run")
    report = write_report(tmp_path / "run")
    for fidelity in (LOW, None):
        own = [one for one in history.told if one.fidelity == fidelity]
        best = max(own, key=lambda one: one.fitness)
        with chromium.open(f"{report.as_uri()}#individual-{best.number}") as page:
            facts = panel.shown(page)
            assert facts.get("fidelity") == (str(fidelity) if fidelity else None)
            assert facts["rank"] == "the best"
