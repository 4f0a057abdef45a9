"""Studies of nas.compare in W&B, and journals that are tracked afterwards, from the command line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests_cli import ROOT, evolve
from wandb_files import assert_rows, expected_rows, inspect, rows, run_record, sessions, summary

from nas.search.lock import DriverLock

TOY = ["experiment=toy", "budget.evaluations=40", "progress=none"]
STUDY = [
    "compare.base=['experiment=toy','budget.evaluations=40']",
    "+compare.arms.aging=['algorithm=aging']",
    "+compare.arms.random=['algorithm=random']",
    "compare.seeds=2",
    "compare.top_k=3",
]
OLD = ROOT / "tests" / "search" / "journals" / "v1.jsonl"


def call(entry: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"nas.{entry}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_the_searches_of_a_study_are_one_group_and_the_study_is_the_same_without(tmp_path):
    out = tmp_path / "two arms"
    done = call("compare", *STUDY, f"out={out}", "tracker=wandb", "tracker.tags=[mine]")
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [inspect(*sessions(path)) for path in sorted(out.glob("searches/all/*"))]
    about = [run_record(records) for records in runs]
    assert [run["display_name"] for run in about] == ["aging-s0", "aging-s1", "random-s0", "random-s1"]
    assert {run["run_group"] for run in about} == {"two arms"}
    assert [run["tags"][0] for run in about] == ["aging", "aging", "random", "random"]
    assert all(run["tags"][-1] == "mine" for run in about)
    assert all(len(rows(records)) == 40 for records in runs)
    assert "tracker" not in (out / "study.json").read_text()
    assert call("compare", *STUDY, f"out={out}").returncode == 0


def test_journals_are_tracked_afterwards(tmp_path):
    for seed in (0, 1):
        assert evolve(*TOY, f"seed={seed}", f"run={tmp_path}/s{seed}").returncode == 0
    done = call("track", "run=[s0,s1]", f"runs_dir={tmp_path}", "tracker.group=mine")
    assert (done.returncode, done.stderr) == (0, "")
    for seed in (0, 1):
        folder = tmp_path / f"s{seed}"
        records = inspect(*sessions(folder))
        assert f"Tracked: {folder}" in done.stdout
        assert_rows(rows(records), expected_rows(folder))
        assert run_record(records)["run_group"] == "mine"
        assert summary(records)["reason"] == "budget"


def test_an_old_journal_that_was_cut_off(tmp_path):
    lines = OLD.read_text().splitlines(keepends=True)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "history.jsonl").write_text("".join(lines[:-1])[:-20])
    before = (tmp_path / "old" / "history.jsonl").read_bytes()
    done = call("track", f"run={tmp_path}/old")
    assert (done.returncode, done.stderr) == (0, "")
    records = inspect(*sessions(tmp_path / "old"))
    events = [json.loads(line) for line in lines[1:-2]]
    assert len(rows(records)) == sum(event["event"] == "told" for event in events) > 0
    assert summary(records)["reason"] == "unfinished"
    assert (tmp_path / "old" / "history.jsonl").read_bytes() == before


def test_online_what_is_there_is_not_sent_again(tmp_path, logged_in):
    assert evolve(*TOY, f"run={tmp_path}/demo").returncode == 0
    for _ in range(2):
        assert call("track", f"run={tmp_path}/demo").returncode == 0
    (run,) = logged_in.runs.values()
    assert [line["_step"] for line in run.history] == list(range(1, 41))
    assert run.streams[0] == 0
    assert all(offset == 40 for offset in run.streams[1:])


def test_an_empty_journal(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "history.jsonl").write_text(OLD.read_text().splitlines(keepends=True)[0])
    done = call("track", f"run={tmp_path}/empty")
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(inspect(*sessions(tmp_path / "empty"))) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "run is missing"),
        (["run=nowhere"], "there is no journal at nowhere"),
        (["run=demo", "tracker=none"], "say tracker=wandb"),
        (["run=demo", "tracker=wandbb"], "did you mean wandb"),
        (["run=demo", "tracker.mode=cloud"], "allowed are auto, online, offline"),
        (["run=damaged"], "line 2 of"),
        (["run=working"], "another driver works on"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path, arguments, words):
    for name in ("demo", "damaged", "working"):
        (tmp_path / name).mkdir()
        shutil.copy(OLD, tmp_path / name / "history.jsonl")
    (tmp_path / "damaged" / "history.jsonl").write_text(OLD.read_text().splitlines()[0] + "\n{\n")
    lock = DriverLock(tmp_path / "working")
    lock.acquire()
    try:
        done = call("track", *arguments, f"runs_dir={tmp_path}")
    finally:
        lock.release()
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("nas: ")
    assert words in line
    assert not list(tmp_path.rglob("wandb"))


def test_several_runs_are_all_looked_for_before_the_first_is_tracked(tmp_path):
    assert evolve(*TOY, f"run={tmp_path}/demo").returncode == 0
    done = call("track", "run=[demo,nowhere]", f"runs_dir={tmp_path}")
    assert done.returncode == 2
    assert not list(Path(tmp_path).rglob("wandb"))
