"""The page of a comparison: its numbers are those of the data, and it needs nothing but itself."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.comparison.checklist import checklist
from nas.comparison.gathering import gather_runs
from nas.comparison.noise import Reevaluated, RunGap, SelectionGap
from nas.comparison.page import write_page
from nas.comparison.results import Comparison, Settings, make_context, mean_and_error
from nas.errors import UserError
from nas.evaluators.function import FunctionEvaluator
from nas.search_spaces.bits import Bits
from tests.comparison.test_compare import SPACE, aging, search
from tests.helpers.pages import Page

SETTINGS = Settings(primary="best", top_k=3)
SMALL = Bits(num_bits=12)


def compared(histories: Sequence[History], settings: Settings = SETTINGS, finals: Any = None) -> Comparison:
    return gather_runs(histories, settings, "here & now", lambda _: finals, lambda _: None, force=True)


def written(comparison: Comparison, folder: Path, command: str | None = "python -m nas.compare 'run=[A,B]'") -> Page:
    path = write_page(comparison, checklist(comparison), folder, command)
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def without_png(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `figures` is not installed: a renderer takes most of the time of a page."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> list[History]:
    folder = tmp_path_factory.mktemp("runs")
    found = []
    for seed in range(6):
        found.append(search(folder / f"aging-{seed}", aging(), seed, budget=60))
        found.append(search(folder / f"random-{seed}", RandomSearch(SPACE), seed, budget=60))
    return found


def test_numbers_are_those_of_the_data(histories: list[History], tmp_path: Path) -> None:
    comparison = compared(histories, replace(SETTINGS, checkpoints=(20,), threshold=0.6))
    page = written(comparison, tmp_path)
    context = comparison.contexts[0]
    for arm, runs in context.arms.items():
        row = page.row("MVA", arm)
        assert row["seeds"] == "6"
        assert row["best"] == mean_and_error([max(run.curve.best) for run in runs])
        assert row["MVA"] == mean_and_error([float(run.curve.top[-1]) for run in runs])
        assert row["area"] == mean_and_error([run.curve.area for run in runs])
        reached = sum(max(run.curve.best) >= 0.6 for run in runs)
        assert page.row("children failed", arm)["evaluations to 0.6"].endswith(f"({reached} of 6)")
    pair = context.final.pairs[0]
    assert pair.p is not None
    assert pair.paired_p is not None
    row = page.row("p (Holm)", "aging − random")
    assert row["difference"] == f"{pair.difference:+.4f}"
    assert row["p (Holm)"] == f"{pair.p:.2g}"
    assert row["paired p (Holm)"] == f"{pair.paired_p:.2g}"
    assert row["95 % interval"] == "–"
    assert "No interval: 6 seeds per arm, an interval needs 10." in page.text
    assert ("aging beats random" in page.text) == pair.significant
    assert "Checkpoint: after 20 evaluations" in page.text
    assert "here & now" in page.text
    assert "60 evaluations" in page.text
    assert "python -m nas.compare 'run=[A,B]'" in page.text


def test_every_question_of_the_checklist_is_answered(histories: list[History], tmp_path: Path) -> None:
    comparison = compared(histories[:4])
    table = next(table for table in written(comparison, tmp_path).tables if table[0][0] == "question")
    rows = [row for row in table[1:] if len(row) == 3]
    assert rows == [[one.question, one.answer, one.evidence] for one in checklist(comparison)]


def test_below_five_seeds_there_is_no_test_and_the_page_says_why(histories: list[History], tmp_path: Path) -> None:
    page = written(compared(histories[:8]), tmp_path)
    assert "No arm is called better than another: 4 seeds per arm, tests need 5." in page.text
    assert "No test: 4 seeds per arm, tests need 5." in page.text
    assert not any("p (Holm)" in table[0] for table in page.tables)
    assert "beats" not in page.text
    assert not re.search(r"\bp = ", page.text)
    assert not re.search(r"± ?[\d.]", page.text)
    assert not any("A" in table[0] for table in page.tables)
    classes = [attributes.get("class") or "" for _, attributes in page.tags]
    assert not any("arm-band" in one or "arm-interval" in one for one in classes)


def test_one_arm_is_shown_without_a_comparison(histories: list[History], tmp_path: Path) -> None:
    page = written(compared(histories[::2]), tmp_path)
    assert "There is one arm, so nothing is compared." in page.text
    assert "Pairs of arms" not in page.text


def test_a_single_run_per_arm_has_no_band(histories: list[History], tmp_path: Path) -> None:
    page = written(compared(histories[:2]), tmp_path)
    classes = [attributes.get("class") or "" for _, attributes in page.tags]
    assert not any("arm-band" in one or "arm-interval" in one for one in classes)
    assert any("arm-mean" in one for one in classes)
    assert "±2 standard errors" not in page.text


def test_nothing_comes_from_elsewhere_and_nothing_runs(histories: list[History], tmp_path: Path) -> None:
    page = written(compared(histories[:4]), tmp_path)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert any("default-src 'none'" in (attributes.get("content") or "") for _, attributes in page.tags)
    text = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:)?//|url\(|@import", text)
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    for tag, attributes in page.tags:
        target = attributes.get("href") or ""
        if tag == "a":
            assert target[1:] in identifiers if target.startswith("#") else (tmp_path / target).exists()
    drawings = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    assert len(drawings) == len(list((tmp_path / "figures").glob("*.svg")))
    assert all(attributes["aria-label"] for attributes in drawings)


def test_every_figure_is_a_file_and_draws_every_run(histories: list[History], tmp_path: Path) -> None:
    written(compared(histories), tmp_path)
    names = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert names == {f"{measure}-{axis}" for measure in ("best", "top") for axis in ("evaluations", "time_s")} | {
        "runs"
    }
    space = "{http://www.w3.org/2000/svg}"
    trees = {name: ElementTree.parse(tmp_path / "figures" / f"{name}.svg") for name in names}
    runs = [path for path in trees["best-evaluations"].iter(f"{space}path") if "arm-run" in path.get("class", "")]
    assert [path.attrib["d"].count("M") for path in runs] == [6, 6]
    assert len(list(trees["runs"].iter(f"{space}circle"))) == 12


def test_curves_are_where_they_should_be(histories: list[History], tmp_path: Path) -> None:
    """The drawn mean, read back from its path, is the mean."""
    from nas.reporting.drawings import arm_curves
    from nas.reporting.drawings.units import unit
    from nas.reporting.figures.arm_curves import curves_figure

    context = compared(histories).contexts[0]
    figure, scale = curves_figure(context.arms, "best", "evaluations", 100), unit("evaluations", 60)
    across, up = arm_curves.axes(figure, scale)
    path = re.search(r'<path d="([^"]+)" class="arm-mean a1"', str(arm_curves.plot(figure, scale)))
    assert path is not None
    x, y = 0.0, 0.0
    drawn: dict[float, float] = {}
    for letter, first, second in re.findall(r"([Mhv])(-?[\d.]+)(?: (-?[\d.]+))?", path[1]):
        x, y = (
            (float(first), float(second))
            if letter == "M"
            else (x + float(first), y)
            if letter == "h"
            else (x, y + float(first))
        )
        drawn[x] = y
    means = figure.arms[1].band
    for at in (1, 20, 59, 60):
        before = max(place for place in drawn if place <= round(2000 * at / across.high))
        value = up.high - drawn[before] / 2000 * (up.high - up.low)
        assert value == pytest.approx(means.mean[list(means.x).index(at)], abs=(up.high - up.low) / 1000)


def measured(genome: tuple[int, ...], seed: int) -> dict[str, float]:
    ones = sum(genome) / len(genome)
    return {"valid_accuracy": ones, "multiply_adds": 1000 * (1 + sum(genome)), "train_flops": 6e6}


class LookedUp:
    """Looks test accuracies up, as a table does."""

    def test_accuracy(self, genome: Any) -> float:
        return 0.9 * self.accuracies(genome)["ones"]

    def accuracies(self, genome: Any) -> dict[str, float]:
        return {"ones": sum(map(int, genome)) / 12}

    def references(self) -> dict[str, tuple[Any, float]]:
        return {"the best": ((1,) * 12, 1.0)}


def test_test_accuracies_and_costs_are_drawn_where_they_are_known(tmp_path: Path) -> None:
    algorithms = (
        RandomSearch(SMALL),
        Evolution(space=SMALL, population_size=4, sample_size=2, survival="oldest"),
    )
    found = [
        run_search(
            space=SMALL,
            algorithm=algorithm,
            evaluator=FunctionEvaluator(function=measured),
            budget=10,
            seed=seed,
            run=tmp_path / f"{algorithm.name}-{seed}",
        ).history()
        for algorithm in algorithms
        for seed in range(2)
    ]
    comparison = compared(found, replace(SETTINGS, primary="test_top"), LookedUp())
    page = written(comparison, tmp_path / "page")
    runs = comparison.contexts[0].arms["random"]
    row = page.row("MTA", "random")
    assert row["MTA"] == mean_and_error([float(run.curve.measures["test_top"][-1]) for run in runs])
    assert page.row("ones", "random")["ones"] == mean_and_error([run.finals["ones"] for run in runs])
    reference = page.row("MTA", "the best")
    assert [reference[name] for name in ("best", "test of best", "MTA")] == ["1.0000", "0.9000", "–"]
    assert page.row("ones", "the best")["ones"] == "1.0000"
    names = {path.stem for path in (tmp_path / "page" / "figures").glob("*.svg")}
    assert {"models", "test_top-train_flops"} <= names
    assert "accuracy on test." in page.text
    assert page.row("children failed", "random")["training FLOPs of a run"] == "6e+07"


def test_contexts_have_parts_of_their_own_and_failures_are_named(histories: list[History], tmp_path: Path) -> None:
    one = compared(histories)
    contexts = [make_context(name, one.contexts[0].arms, SETTINGS) for name in ("small", "large")]
    said = {
        "study": {"base": ["x=1"], "contexts": {"small": [], "large": ["y=2"]}, "arms": {"aging": ["algorithm=aging"]}},
        "written": 0.0,
        "commit": None,
        "tuning": {"note": None},
        "amended": [{"time": 60.0, "seeds_before": 3, "seeds": 6}],
    }
    tuning = {
        "searches": 2,
        "first_seed": 100,
        "context": "small",
        "measure": "best",
        "arms": {
            "aging": {
                "chosen": ["p=2"],
                "candidates": [
                    {
                        "overrides": ["p=1"],
                        "seeds": [100],
                        "values": [0.5],
                        "mean": 0.5,
                        "train_flops": None,
                        "device_s": 3600.0,
                    },
                    {
                        "overrides": ["p=2"],
                        "seeds": [100],
                        "values": [0.75],
                        "mean": 0.75,
                        "train_flops": None,
                        "device_s": 0.0,
                    },
                ],
            }
        },
    }
    comparison = replace(
        one,
        contexts=contexts,
        study=said,
        tuning=tuning,
        warnings=["devices differ"],
        failures={"searches/small/aging-s9": "stopped"},
    )
    page = written(comparison, tmp_path)
    for text in (
        "searches/small/aging-s9 stopped",
        "devices differ.",
        "1970-01-01 00:01 UTC: 6 seeds instead of 3",
        "random untuned: published values",
        "0.2500 between the best and the worst",
    ):
        assert text in page.text
    assert page.row("candidate", "p=2")[""] == "chosen"
    assert page.row("candidate", "p=1")["device time"] == "1 h"
    assert {path.stem for path in (tmp_path / "figures").glob("*-runs.svg")} == {"small-runs", "large-runs"}
    assert (tmp_path / "figures" / "contexts.svg").exists()
    overview = page.row("random", "small")
    assert overview["random"] == mean_and_error(contexts[0].final.values["random"])


def test_many_arms_are_told_by_the_best_one(histories: list[History], tmp_path: Path) -> None:
    one = compared(histories)
    aging_runs, random_runs = one.contexts[0].arms.values()
    arms = {"first": aging_runs, **{f"other{place}": random_runs for place in range(4)}}
    context = make_context("all", arms, replace(SETTINGS, primary="top"))
    page = written(replace(one, contexts=[context]), tmp_path)
    best = context.final.ranking[0]
    assert f"{best} has the highest mean." in page.text
    own = [pair for pair in context.final.pairs if best in (pair.first, pair.second)]
    told = [pair for pair in own if pair.significant]
    assert len(context.final.pairs) == 10
    assert len(told) in (0, 4)
    assert ("It beats" in page.text) == bool(told)
    assert "Of the other 6 pairs none can be told apart." in page.text


def test_search_noise_has_a_section_where_it_was_measured(histories: list[History], tmp_path: Path) -> None:
    one = compared(histories[:4])
    top = (Reevaluated(number=3, selected=0.9, values=(0.6, 0.8)),)
    gaps = {arm: SelectionGap(top=1, seeds=2, runs=(RunGap(seed=0, top=top),)) for arm in ("aging", "random")}
    page = written(replace(one, noise={"all": gaps}), tmp_path)
    assert page.row("gap of the top", "aging")["gap of the top"] == "0.20000"
    assert ("a", {"href": "#noise"}) in page.tags
    assert "Search noise" not in written(replace(one, noise={"all": {}}), tmp_path).text


def test_disagreements_come_before_everything_else(histories: list[History], tmp_path: Path) -> None:
    one = compared(histories)
    assert "do not say the same" not in written(one, tmp_path).text
    context = replace(one.contexts[0], disagreements=["After 5 evaluations, a beats b; later, b beats a."])
    text = written(replace(one, contexts=[context]), tmp_path).text
    assert text.index("a beats b; later, b beats a.") < text.index("After 60 evaluations")


def test_untuned_is_said(histories: list[History], tmp_path: Path) -> None:
    comparison = compared(histories[:2])
    said = {
        "study": {"base": [], "contexts": {}, "arms": {}},
        "written": 0.0,
        "commit": None,
        "amended": [],
        "tuning": {"note": None},
    }
    assert "Untuned: published values." in written(replace(comparison, study=said), tmp_path).text
    noted = {**said, "tuning": {"note": "swept elsewhere"}}
    assert "Not in this study: swept elsewhere." in written(replace(comparison, study=noted), tmp_path).text
    assert "Not on record" in written(comparison, tmp_path).text


def test_a_page_that_cannot_be_written_is_told(histories: list[History], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        written(compared(histories[:2]), tmp_path / "file")
