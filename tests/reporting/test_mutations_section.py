"""The section on mutations and the population: on every kind of journal, and on the page."""

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from random import Random

import pytest
from example_runs import example_run
from pages import Page

from nas import History
from nas.reporting.drawings import svg
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.reporting.sections.mutations import section

V1 = Path(__file__).parent.parent / "search" / "journals" / "v1.jsonl"
FILES = {"mutations", "mutations-over-time", "takeover", "founders", "diversity"}
NASTY = "<script>alert(1)</script>_<img src=x onerror=alert(1)>&\"'"


def made_of(folder):
    return section(Material(History.load(folder)))


def headings(body) -> list[str]:
    return re.findall(r"<h3>([^<]*)</h3>", body)


@pytest.mark.parametrize(("space", "files"), [("cells", FILES | {"fan-in", "fan-in-fitness"}), ("dna", FILES)])
def test_a_search_has_every_part_that_its_space_allows(tmp_path, space, files):
    run = example_run(tmp_path / "run", space, 400)
    made = made_of(run)
    parts = ["What mutations do", "Over time", "Takeover", "Founders", "Takeover times", "Diversity"]
    assert headings(made.body) == [*parts, *(["Output fan-in"] if space == "cells" else [])]
    assert {name for name, _ in made.figures} == files
    assert len(made.body) < 1_000_000
    page = Page(write_report(run).read_text())
    assert "Mutations and the population" in page.text
    for finding in made.findings:
        assert finding in page.text
    for name in files:
        root = ElementTree.parse(run / "figures" / f"{name}.svg").getroot()
        assert root.get("role") == "img"
        assert root.get("aria-label")


def test_every_figure_of_the_page_has_a_text_and_a_caption(tmp_path):
    body = made_of(example_run(tmp_path / "run", "cells", 400)).body
    images = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', body)
    assert len(images) == body.count('role="img"') == 9  # of these, three panels
    assert all(len(words) > 40 for words in images)
    assert body.count("<figcaption>") == 6


def test_whoever_can_be_chosen_is_an_individual(tmp_path):
    history = History.load(example_run(tmp_path / "run", "dna", 300))
    shown = set(map(int, re.findall(r'data-show="(\d+)"', section(Material(history)).body)))
    assert shown
    assert shown <= set(history.told_order)


def test_without_parents_there_are_no_operators_and_no_takeover(tmp_path):
    made = made_of(example_run(tmp_path / "run", "cells", 60, "algorithm=random"))
    assert made.title == "Genomes over the search"
    assert headings(made.body) == ["Diversity", "Output fan-in"]
    assert list(made.findings) == []
    assert "This search keeps no population" in made.body


def test_a_policy_has_no_parents_either(new_run):
    run, rng = new_run(), Random(0)
    for number in range(60):
        genome, record = "".join(rng.choice("01") for _ in range(9)), {"updates": number // 20}
        known = {"seed": number, "parents": (), "mutation": None, "removed": [], "record": record}
        run.journal.append("asked", number=number, genome=genome, **known)
        run.told(number, rng.random(), (number,))
    made = made_of(run.folder)
    assert headings(made.body) == ["Diversity"]
    assert "Of 20 random ones" in made.body


@pytest.mark.parametrize("algorithm", ["non_aging", "nsga2", "local_search", "tournament"])
def test_every_algorithm_with_parents_has_them(tmp_path, algorithm):
    overrides = (f"algorithm={algorithm}", "population.size=10", "population.sample_size=2")
    made = made_of(example_run(tmp_path / "run", "cells", 120, *overrides))
    assert {"What mutations do", "Takeover", "Founders", "Diversity"} <= set(headings(made.body))


def test_nothing_to_show(new_run):
    run = new_run()
    assert made_of(run.folder) is None
    for number in range(3):
        run.asked(number, "01", () if number < 2 else (0,))
        if number != 1:
            run.failed(number, "RuntimeError")
    assert made_of(run.folder) is None
    run.told(1, 0.5)
    assert made_of(run.folder) is None  # one individual


def test_two_individuals_are_enough_for_diversity_and_a_child_for_the_rest(new_run):
    run = new_run()
    for number in range(2):
        run.asked(number, {"vertices": ["bn_relu"], "other": number})
        run.told(number, 0.5)
    assert headings(made_of(run.folder).body) == ["Diversity"]
    run.asked(2, {"vertices": ["bn_relu"], "other": 2}, (1,), "strange")
    run.told(2, 0.6)
    made = made_of(run.folder)
    assert headings(made.body) == ["What mutations do", "Takeover", "Founders", "Takeover times", "Diversity"]
    assert "There are too few children to see how this changes over time." in made.body
    assert write_report(run.folder).exists()


def test_children_in_flight_are_no_children_yet(new_run):
    run = new_run()
    run.search(200)
    before = made_of(run.folder)
    for number in range(222, 230):
        run.asked(number, "01", (0,))
    assert made_of(run.folder) == before


def test_the_journal_of_the_first_version(tmp_path):
    shutil.copy(V1, tmp_path / "history.jsonl")
    made = made_of(tmp_path)
    assert {"What mutations do", "Takeover", "Diversity"} <= set(headings(made.body))
    assert "flip" in made.body


def test_names_are_shown_and_not_executed(new_run):
    identity = {
        "search_space": {"name": NASTY},
        "algorithm": {"name": NASTY},
        "evaluator": {"name": NASTY, "fitness": NASTY, "inherit": NASTY},
        "seed": 0,
    }
    run, rng = new_run("nasty", identity), Random(0)
    for number in range(120):
        genome = {NASTY: [NASTY, rng.randrange(3)]}
        run.asked(number, genome, (rng.randrange(number),) if number > 10 else (), NASTY)
        run.told(number, rng.random(), (number - 10,) if number > 10 else ())
    made = made_of(run.folder)
    page = write_report(run.folder).read_text()
    name = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;&amp;&#34;&#39;"
    assert name in made.body
    assert any(NASTY.replace("_", " ") in finding for finding in made.findings)
    assert name in page[: page.index("<section")]  # the finding
    for text in (made.body, page, *(svg.file(drawing) for _, drawing in made.figures)):
        assert "<img" not in text
        assert "<script>alert" not in text
    for _, drawing in made.figures:
        ElementTree.fromstring(svg.file(drawing))


def test_the_same_journal_gives_the_same_section(tmp_path):
    run = example_run(tmp_path / "run", "cells", 150)
    assert made_of(run) == made_of(run)


def test_another_journal_gives_other_pictures(tmp_path):
    one = dict(made_of(example_run(tmp_path / "one", "cells", 150)).figures)
    other = dict(made_of(example_run(tmp_path / "other", "cells", 150, seed=1)).figures)
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)
