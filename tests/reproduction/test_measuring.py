"""Real trainings again: the same bits here and in a fresh process, what was changed is found, chains of weights."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.search.history import History
from tests.reproduction.conftest import DIGITS, DNA, TOY, fitness_changed

ROOT = Path(__file__).parents[2]
Call = Callable[..., tuple[int, str]]
Make = Callable[..., Path]


def result(folder: Path) -> dict:
    (found,) = folder.glob("*/reproduction.json")
    return json.loads(found.read_text())["result"]


def test_trainings_in_this_process_give_equal_bits(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    run = copied(*DIGITS, evaluations=6)
    code, said = reproduced("run=run", "sample=2", "times=3")
    assert code == 0, said
    assert "Verdict: equal to the bit. 2 of 2 equal to the bit." in said
    found = result(tmp_path / "runs")
    recorded = History.load(run)
    assert found["individuals"][0]["number"] == recorded.best.number
    for one in found["individuals"]:
        individual = recorded.individuals[one["number"]]
        assert one["again"]["fitness"] == individual.fitness
        assert one["again"]["metrics"]["valid_loss"] == individual.metrics["valid_loss"]
        assert len(one["fresh"]) == 2
        assert one["mean"] == pytest.approx(sum(fresh["valid_accuracy"] for fresh in one["fresh"]) / 2)
        assert len({fresh["valid_loss"] for fresh in [*one["fresh"], one["again"]["metrics"]]}) == 3


def test_a_fresh_process_gives_equal_bits_and_says_so(copied: Make, tmp_path: Path) -> None:
    run = copied(*DIGITS, evaluations=6)
    command = [sys.executable, "-m", "nas.reproduce", f"run={run}", "individual=4", "hardware.workers=1"]
    done = subprocess.run(
        [*command, f"out={tmp_path / 'again'}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Individual 4: The same seed gives the very numbers of the journal" in done.stdout
    assert "in the environment that is recorded" in done.stdout
    assert (tmp_path / "again" / "reproduction.html").exists()


def test_a_fitness_that_nobody_measured_is_found(copied: Make, reproduced: Call) -> None:
    run = copied(*DIGITS, evaluations=6)
    last = History.load(run).told[-1]
    fitness_changed(run, last.number, last.fitness + 1 / 300)
    code, said = reproduced("run=run", f"individual={last.number}")
    assert code == 1
    assert "All 6 children are what the algorithm asks for again" in said  # nobody has descended from it
    assert f"the journal has {last.fitness + 1 / 300!r}, although nothing differs here" in said
    assert "Verdict: NOT reproduced" in said


def test_a_metric_that_nobody_measured_is_found(copied: Make, reproduced: Call) -> None:
    run = copied(*DIGITS, evaluations=6)
    text = (run / "history.jsonl").read_text()
    loss = History.load(run).told[-1].metrics["valid_loss"]
    (run / "history.jsonl").write_text(text.replace(repr(loss), repr(loss - 0.01)))
    code, said = reproduced("run=run", f"individual={History.load(run).told[-1].number}")
    assert code == 1
    assert "the same fitness, but not the same valid_loss" in said


def test_a_finished_reproduction_repeats_nothing_and_an_unfinished_one_goes_on(
    copied: Make, reproduced: Call, tmp_path: Path
) -> None:
    copied(*DIGITS, evaluations=6)
    assert reproduced("run=run", "individual=[3,4]")[0] == 0
    (folder,) = (tmp_path / "runs").glob("run-reproduction-*")
    first, second = sorted((folder / "trainings").glob("*/result.json"))
    made = first.stat().st_mtime_ns
    second.unlink()
    code, said = reproduced("run=run", "individual=[3,4]")
    assert code == 0
    assert first.stat().st_mtime_ns == made
    assert second.exists()
    assert len(list((tmp_path / "runs").glob("run-reproduction-*"))) == 1
    assert "2 of 2 equal to the bit" in said


def test_inherited_weights_come_from_ancestors_that_are_trained_again(
    copied: Make, reproduced: Call, tmp_path: Path
) -> None:
    run = copied(*DNA, evaluations=9)
    history = History.load(run)
    deep = max(history.told, key=lambda one: len(history.lineage(one.number)))
    ancestors = [one.number for one in history.lineage(deep.number)[1:]]
    assert len(ancestors) >= 2
    for path in (run / "weights").glob("*.pt"):
        path.unlink()
    code, said = reproduced("run=run", f"individual={deep.number}", "times=2")
    assert code == 0, said
    (one,) = result(tmp_path / "runs")["individuals"]
    assert one["ancestors"] == ancestors[::-1]
    assert one["verdict"] == "equal to the bit"
    assert one["again"]["metrics"]["inherited_elements"] == deep.metrics["inherited_elements"] > 0
    assert len(one["fresh"]) == 1
    assert f"{len(ancestors)} ancestors were trained again first" in said


def test_weights_that_are_kept_spare_the_ancestors(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    run = copied(*DNA, evaluations=9)
    history = History.load(run)
    there = {int(path.stem) for path in (run / "weights").glob("*.pt")}
    child = next(one for one in history.told if one.parents and one.parents[0] in there)
    code, said = reproduced("run=run", f"individual={child.number}")
    assert code == 0, said
    (one,) = result(tmp_path / "runs")["individuals"]
    assert (one["ancestors"], one["weights_of"]) == ([], child.parents[0])
    assert "It began with the kept weights of its parent" in said


def test_what_is_looked_up_or_computed_needs_no_training(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    copied(*TOY, evaluations=40)
    code, said = reproduced("run=run", "sample=5", "times=4")
    assert code == 0, said
    assert "5 of 5 equal to the bit" in said
    assert not list((tmp_path / "runs").glob("*/trainings"))


def test_the_journal_is_never_written(copied: Make, reproduced: Call) -> None:
    run = copied(*TOY, evaluations=40)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert reproduced("run=run")[0] == 0
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
