"""Whole studies from the command line: run, cut short, gone on with, extended, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nas import History
from nas.comparison.study import Study
from nas.errors import UserError
from nas.study_searches import is_done
from tests.helpers.tables import tables

ROOT = Path(__file__).parents[2]
TOY = [
    "+compare.arms.aging=['algorithm=aging']",
    "+compare.arms.random=['algorithm=random']",
    "compare.base=['experiment=toy','budget.evaluations=60','population.size=10','population.sample_size=5']",
]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nas.compare", *arguments]


def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, cwd=ROOT, timeout=300)


def test_a_study_runs_is_shown_again_and_extended(tmp_path: Path) -> None:
    out = f"out={tmp_path / 'study'}"
    first = compare(*TOY, out, "compare.seeds=2")
    assert first.returncode == 0, first.stderr
    assert "4 of 4" in first.stdout
    folder = tmp_path / "study" / "searches" / "all" / "aging-s1"
    alone = subprocess.run(
        f"{sys.executable} -m nas.evolve experiment=toy budget.evaluations=60 population.size=10 "
        f"population.sample_size=5 seed=1 run={tmp_path / 'alone'} report=false".split(),
        cwd=ROOT,
        capture_output=True,
        timeout=100,
    )
    assert alone.returncode == 0
    assert History.load(folder).science() == History.load(tmp_path / "alone").science()
    before = (folder / "history.jsonl").read_bytes()
    again = compare(*TOY, out, "compare.seeds=3")
    assert again.returncode == 0, again.stderr
    assert "4 of 6 searches are there already" in again.stdout
    assert (folder / "history.jsonl").read_bytes() == before
    said = json.loads((tmp_path / "study" / "study.json").read_text())
    assert [(change["seeds_before"], change["seeds"]) for change in said["amended"]] == [(2, 3)]
    other = compare(*TOY, out, "compare.seeds=3", "compare.primary=top")
    assert other.returncode == 2
    assert "differs in primary ('best' there, 'top' here)" in other.stderr
    fewer = compare(*TOY, out, "compare.seeds=1")
    assert "differs in seeds (3 there, 1 here)" in fewer.stderr


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL])
def test_a_study_of_trainings_that_is_cut_short_goes_on(tmp_path: Path, number: int) -> None:
    shrunk = "'experiment=demo','budget.evaluations=3','dataset.fraction=0.1','training.epochs=1','hardware.workers=1'"
    arguments = [
        *TOY[:2],
        f"compare.base=[{shrunk},'evaluator.sealed_test=true']",
        "compare.seeds=1",
        f"out={tmp_path / 'study'}",
    ]
    study = subprocess.Popen(command(*arguments), cwd=ROOT, start_new_session=True)
    first = tmp_path / "study" / "searches" / "all" / "aging-s0"
    deadline = time.monotonic() + 120
    while not (first / "history.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(study.pid, number)
    study.wait(60)
    while not is_done(first) and (first / "driver.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.2)  # a driver that outlived SIGKILL of its study ends by itself
    done = compare(*arguments)
    assert done.returncode == 0, done.stderr
    for arm in ("aging", "random"):
        history = History.load(tmp_path / "study" / "searches" / "all" / f"{arm}-s0")
        assert len(history.told) == 3
    assert "test of top" in done.stdout


def test_final_accuracies_of_a_table(tmp_path: Path) -> None:
    done = compare(
        "experiment=compare_nasbench201",
        f"compare.also=['evaluator.path={tables() / 'nasbench201.npz'}','budget.simulated_s=2000']",
        "compare.seeds=1",
        f"out={tmp_path / 'study'}",
    )
    assert done.returncode == 0, done.stderr
    assert "At the end of the budget, by test_best" in done.stdout
    rows = (tmp_path / "study" / "runs.csv").read_text().splitlines()
    assert rows[0].endswith("cifar10 test,cifar10 valid,cifar100 test,cifar100 valid,in16 test,in16 valid")


def test_a_mistake_in_one_arm_is_told_before_anything_runs(tmp_path: Path) -> None:
    out = tmp_path / "study"
    cases = {
        "+compare.arms.other=['algorithm=none']": "algorithm=none is unknown",
        "+compare.arms.other=['algorithm.sample_size=0']": "algorithm.sample_size is 0",
        "+compare.arms.other=['seed=3']": "the study itself sets seed and folder",
        "compare.seeds=0": "compare.seeds is 0",
        "compare.primary=speed": "compare.primary is 'speed'",
        "at_once=0": "at_once is 0",
    }
    for argument, sentence in cases.items():
        done = compare(*TOY, argument, f"out={out}")
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
        assert done.stderr.count("\n") == 1
        assert not out.exists()


def test_a_study_needs_two_arms() -> None:
    with pytest.raises(UserError, match="names 1 arm"):
        Study(contexts={}, arms={"aging": ()}, seeds=1, primary="best", top_k=1)


def test_arms_are_tuned_on_seeds_of_their_own(tmp_path: Path) -> None:
    grid = "+compare.tune.grid={aging:{algorithm.sample_size:[1,5]}}"
    arguments = [*TOY, "compare.seeds=2", "compare.tune.searches=4", f"out={tmp_path / 'study'}"]
    odd = compare(*arguments, "+compare.tune.grid={aging:{algorithm.sample_size:[1,3,5]}}")
    assert "compare.tune.searches is 4, it must be a multiple of the 3 points of the grid of aging" in odd.stderr
    overlapping = compare(*arguments, grid, "compare.tune.first_seed=1")
    assert "compare.tune.first_seed is 1, it must be beyond the study's 2 seeds" in overlapping.stderr
    assert not (tmp_path / "study").exists()
    done = compare(*arguments, grid)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "study" / "tuning.json").read_text())["arms"]["aging"]
    means = []
    for candidate, size in zip(found["candidates"], (1, 5), strict=True):
        assert candidate["overrides"] == [f"algorithm.sample_size={size}"]
        runs = [tmp_path / "study" / "tuning" / f"aging-{len(means)}-s{seed}" for seed in candidate["seeds"]]
        best = [History.load(run).best.fitness for run in runs]  # type: ignore[union-attr]
        assert candidate["values"] == best
        means.append(sum(best) / 2)  # type: ignore[arg-type]
    assert found["chosen"] == found["candidates"][means.index(max(means))]["overrides"]
    reported = History.load(tmp_path / "study" / "searches" / "all" / "aging-s0")
    chosen = int(found["chosen"][0].rpartition("=")[2])
    assert reported.identity["algorithm"]["sample_size"] == chosen


def test_a_primary_measure_that_arms_do_not_have_is_told_in_a_sentence(tmp_path: Path) -> None:
    cases = {"population": "keeps no population", "test_top": "has no test accuracies"}
    for primary, sentence in cases.items():
        done = compare(*TOY, "compare.seeds=1", f"compare.primary={primary}", f"out={tmp_path / primary}")
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_experiments_of_another_command_are_told() -> None:
    wrong = compare("experiment=toy")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "nas: experiment=toy is of another command: it sets what this one does not have\n",
    )
    study = [sys.executable, "-m", "nas.evolve", "experiment=compare_toy"]
    done = subprocess.run(study, capture_output=True, text=True, cwd=ROOT, timeout=100)
    assert (done.returncode, done.stderr) == (
        2,
        "nas: this experiment is a study of several searches: python -m nas.compare runs it\n",
    )
