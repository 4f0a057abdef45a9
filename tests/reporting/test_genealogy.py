"""The genealogy on the page: the whole line of the best is there, what is drawn of it, and what it says."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from dna_search import dna_space
from example_runs import example_run
from pages import Page

from nas.reporting.columns import columns
from nas.reporting.drawings.lineage import plot
from nas.reporting.drawings.lineage_words import description, details, facts, passed
from nas.reporting.figures import sample
from nas.reporting.figures.lineage import MOST_LISTED, MOST_NETWORKS, Lineage, lineage
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.reporting.sections import genealogy
from nas.search.history import History
from nas.search_spaces.dna_json import dna_to_json

V1 = Path(__file__).parent.parent / "search" / "journals" / "v1.jsonl"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CLICK = """<script>
const wait = setInterval(() => {
  if (!document.documentElement.dataset.ready) return;
  clearInterval(wait);
  document.querySelector('.tree [data-show="NUMBER"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
}, 10);
</script>"""


def line_of(history: History) -> Lineage:
    line = history.lineage(history.best.number)[::-1]
    return lineage(line, columns(history), "valid_accuracy")


def members(line: Lineage) -> list[int]:
    """All that are drawn or listed, in the order of the page's line."""
    return [member.individual.number for step in line.steps for member in (*step.before, step.member)]


def section_of(folder: Path) -> str:
    made = genealogy.section(Material(History.load(folder)))
    assert made is not None
    Page(f"<html>{made.body}</html>")
    return made.body


def shown(text: str) -> set[int]:
    return set(map(int, re.findall(r'data-show="(\d+)"', text)))


def descent(run, fitness: list[float], genome=lambda number: f"{number:020b}", name: str = "flip") -> None:
    """A line in which everybody is the child of the one before and dies with the birth of the next."""
    for number, value in enumerate(fitness):
        run.asked(number, genome(number), (number - 1,) if number else (), name=name)
        run.told(number, value, removed=(number - 1,) if number else ())


@pytest.mark.parametrize(
    ("space", "overrides"), [("cells", ()), ("cells", ("algorithm=non_aging",)), ("dna", ()), ("dna", ("seed=1",))]
)
def test_the_line_is_that_of_the_history_and_nobody_is_left_out(tmp_path: Path, space, overrides):
    history = History.load(example_run(tmp_path / "run", space, 200, *overrides))
    line, expected = line_of(history), history.lineage(history.best.number)[::-1]
    assert members(line) == [individual.number for individual in expected]
    assert len(expected) > 2
    by_number = {member.individual.number: member for step in line.steps for member in (*step.before, step.member)}
    alive = {individual.number for individual in history.alive}
    for parent, child in pairwise(expected):
        member = by_number[child.number]
        assert member.gain == child.fitness - parent.fitness
        assert history.told_order[member.born - 1] == child.number
        assert member.change.same is same_network(parent.genome, child.genome)
        if child.number in alive:
            assert member.died is None
        else:
            killer = next(individual for individual in history.individuals if child.number in individual.removed)
            assert killer.fitness is None or history.told_order[member.died - 1] == killer.number
    assert shown(section_of(tmp_path / "run")) == {individual.number for individual in history.individuals}


def same_network(parent, child) -> bool:
    """Whether both genomes are equal but for the names of variables."""

    def nameless(genome) -> str:
        return re.sub(r'"(id|classifier_id)": "[0-9a-f]+"', "", json.dumps(genome, sort_keys=True))

    return nameless(parent) == nameless(child)


def test_a_short_line_is_drawn_whole_and_a_long_one_by_its_largest_gains(new_run):
    short, long = new_run("short"), new_run("long")
    rng = Random(0)
    values = [rng.random() for _ in range(200)] + [2.0]
    descent(short, sorted(values[:MOST_NETWORKS]))
    descent(long, values)
    line = line_of(History.load(short.folder))
    assert [step.passed for step in line.steps] == [0] * MOST_NETWORKS
    line = line_of(History.load(long.folder))
    drawn = [step.member.individual.number for step in line.steps]
    gains = {
        place: value - max(values[:place])
        for place, value in enumerate(values)
        if place and value > max(values[:place])
    }
    assert len(drawn) == MOST_NETWORKS
    assert {0, 200, *gains} <= set(drawn)
    assert members(line) == list(range(201))
    assert sum(step.passed for step in line.steps) == 201 - MOST_NETWORKS
    ranked = sorted(line.steps, key=lambda step: step.rank)
    assert [step.member.individual.number for step in ranked[:2]] == [0, 200]
    first = [gains.get(step.member.individual.number, 0.0) for step in ranked[2:]]
    assert first == sorted(first, reverse=True)
    rises = [(child - parent, number) for number, (parent, child) in enumerate(pairwise(values), start=1)]
    assert line.largest == (max(rises)[1], pytest.approx(max(rises)[0]))


def test_a_line_of_twenty_thousand_fits(new_run, monkeypatch):
    monkeypatch.setattr(sample, "MOST_MARKS", 16_000)  # so that the page holds a part of them
    run, rng = new_run(), Random(0)
    genome = {"normal": [[["sep_conv_3x3", 0], ["none", 1]]] * 5, "reduction": [[["none", 0], ["none", 1]]] * 5}

    def grown(number: int) -> dict:
        genome["normal"][rng.randrange(5)] = [["sep_conv_5x5", rng.randrange(2)], ["none", number % 2]]
        return genome

    descent(run, [0.5 + number / 1e5 + rng.gauss(0, 0.01) for number in range(20_000)], grown)
    history = History.load(run.folder)
    line = line_of(history)
    last = history.best.number
    assert (line.length, len(line.steps)) == (last + 1, MOST_NETWORKS)
    assert len(members(line)) == MOST_NETWORKS + MOST_LISTED
    assert sum(step.passed for step in line.steps) == last + 1 - MOST_NETWORKS
    assert f"{len(line.curve):,} of {last + 1:,} are drawn as points" in description(line)
    some = next(step for step in line.steps if len(step.before) < step.passed)
    assert passed(some.before, some.passed) == f"{some.passed:,} steps before it, {len(some.before)} of them listed"
    material = Material(history)
    body = genealogy.section(material).body
    assert f"Show all {MOST_NETWORKS} steps that are drawn of {last + 1:,}" in body
    assert len(body) < 1e6
    assert shown(body) <= {individual.number for individual in material.sample.shown(history)}
    assert material.sample.drawn == 16_000


def test_what_the_page_says_of_a_step(tmp_path: Path):
    history = History.load(example_run(tmp_path / "run", "cells", 200))
    body = section_of(tmp_path / "run")
    line = line_of(history)
    assert body.count('<li class="member') == len(line.steps)
    text = Page(f"<html>{body}</html>").text
    for step in line.steps:
        individual = step.member.individual
        assert f"#{individual.number} {individual.fitness:.4f}" in text
        for sentence in details(step.member):
            assert sentence in text
    best = dict(facts(line.steps[-1].member))
    assert {"multiply-adds", "parameters", "generation", "parent", "born"} <= best.keys()
    assert best["parent"] == f"#{history.best.parents[0]}"
    drawn = [len(re.findall('class="figure cell"', card)) for card in body.split('<li class="member')[1:]]
    for count, step in zip(drawn, line.steps, strict=True):
        change = step.member.change
        assert count == (2 if change is None else sum(not cell.same for cell in change.cells))


def test_files_are_the_tree_the_curve_and_the_networks_shown_at_once(tmp_path: Path):
    folder = example_run(tmp_path / "run", "dna", 150)
    write_report(folder)
    line = line_of(History.load(folder))
    names = {file.stem for file in (folder / "figures").glob("*.svg")}
    networks = {
        f"lineage-{step.member.generation}-network"
        for step in line.steps
        if step.rank < genealogy.SHOWN_NARROW and not (step.member.change and step.member.change.same)
    }
    assert names >= {"family-tree", "lineage", *networks}
    for name in ("family-tree", "lineage", *networks):
        root = ElementTree.parse(folder / "figures" / f"{name}.svg").getroot()
        assert root.get("aria-label")
    assert 'class="op conv changed"' in "".join(
        (folder / "figures" / f"{name}.svg").read_text() for name in sorted(networks)
    )


def test_the_curve_has_a_point_for_each_member(new_run):
    run = new_run()
    descent(run, [0.1, 0.4, 0.3, 0.9])
    picture = plot(line_of(History.load(run.folder)))
    assert [int(number) for number in re.findall(r'data-show="(\d+)"', picture)] == [0, 1, 2, 3]
    assert picture.count("<title>#1 · 0.4000 · flip of 0</title>") == 1


def test_the_same_architecture_is_not_drawn_again(new_run):
    run, genome = new_run(), dna_to_json(dna_space().initial(Random(0)))
    run.asked(0, genome)
    run.told(0, 0.2)
    run.asked(1, genome, (0,), name="identity")
    run.told(1, 0.4)
    run.asked(2, genome, (1,), name="identity")
    run.told(2, 0.5, inherited_tensors=3)
    body = section_of(run.folder)
    assert body.count('class="figure dna"') == 1
    assert body.count("<li>same architecture, trained anew</li>") == 1
    assert body.count("<li>same architecture, trained further</li>") == 1


def test_searches_without_parents_say_so(new_run):
    run = new_run()
    for number in range(5):
        run.asked(number, "0101")
        run.told(number, 0.5)
    made = genealogy.section(Material(History.load(run.folder)))
    assert "Nobody in this search descends from anybody" in made.body
    assert (made.figures, shown(made.body)) == ([], set())


def test_an_empty_journal_has_no_genealogy(new_run):
    assert genealogy.section(Material(History.load(new_run().folder))) is None


def test_failures_alone_and_children_of_the_failed(new_run):
    run = new_run()
    run.asked(0, "0101")
    run.failed(0, "RuntimeError")
    assert "Nobody" in section_of(run.folder)
    run.asked(1, "0111", (0,))
    run.failed(1, "RuntimeError")
    assert shown(section_of(run.folder)) == {0, 1}
    run.asked(2, "1111", (1,))
    run.told(2, 0.5)
    body = section_of(run.folder)
    assert body.count('<li class="member') == 3
    assert "<dt>state</dt><dd>failed</dd>" in body
    assert body.count('class="gain') == 0


def test_several_parents_are_named(new_run):
    run = new_run()
    for number, parents in enumerate([(), (), (1, 0)]):
        run.asked(number, "0101", parents, name="crossover")
        run.told(number, 0.1 * number)
    body = section_of(run.folder)
    assert "<dt>parents</dt><dd>#1, #0</dd>" in body
    assert body.count('<li class="member') == 2


def test_unknown_spaces_show_text_and_the_mutations_own_words(new_run):
    run = new_run()
    run.asked(0, {"widths": [1, 2]})
    run.told(0, 0.5)
    run.asked(1, {"widths": [1, 3] + [7] * 1000}, (0,), name="widen")
    run.told(1, 0.6)
    body = section_of(run.folder)
    assert "<li>cell normal</li>" in body  # the details that the journal has
    assert "{&#34;widths&#34;: [1, 2]}" in body
    assert "7, 7…</pre>" in body or "7…</pre>" in body


def test_hostile_names_are_shown_not_executed(new_run):
    nasty = "<img src=x onerror=alert(1)>&\"'"
    run = new_run("run", {"evaluator": {"fitness": nasty}, "seed": 0})
    cell = [[[nasty, 0], ["none", 1]]]
    run.asked(0, {"normal": cell, "reduction": cell})
    run.told(0, 0.5)
    run.asked(1, {"normal": [[["none", 0], [nasty, 1]]], "reduction": cell}, (0,), name=nasty)
    run.told(1, 0.6, parameters=nasty)
    run.asked(2, nasty, (1,), name=nasty)
    run.told(2, 0.7)
    page = write_report(run.folder).read_text()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") > 5
    for figure in (run.folder / "figures").glob("*.svg"):
        ElementTree.parse(figure)
        assert "<img" not in figure.read_text()


def test_a_journal_of_the_first_version(tmp_path: Path):
    shutil.copy(V1, tmp_path / "history.jsonl")
    history = History.load(tmp_path)
    body = section_of(tmp_path)
    assert shown(body) == {individual.number for individual in history.individuals}


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="there is no chromium on the PATH")
def test_a_click_on_a_node_of_the_tree_shows_the_individual(new_run, tmp_path):
    run = new_run()
    run.search(60)
    page = write_report(run.folder)
    text = page.read_text().replace("</body>", CLICK.replace("NUMBER", "47") + "</body>")
    page.write_text(re.sub(r"script-src('?[^;\"]*)", "script-src 'unsafe-inline'", text, count=1))
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--enable-logging=stderr")
    command = [BROWSER, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    assert 'data-number="47"' in done.stdout
