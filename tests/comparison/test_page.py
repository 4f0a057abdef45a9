"""The page of a comparison: its numbers are those of the data, and it needs nothing but itself."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nas import History
from nas.comparison.checklist import checklist
from nas.comparison.noise import Reevaluated, RunGap, SelectionGap
from nas.comparison.results import make_context, mean_and_error
from nas.errors import UserError
from tests.helpers.pages import SETTINGS, compared, written


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
