"""Searches whose driver is killed by SIGKILL while W&B is told of them, and gone on with."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests_cli import ROOT
from tracked_search import BUDGET
from wandb_files import (
    artifacts,
    assert_rows,
    expected_rows,
    inspect,
    program,
    rows,
    rows_there,
    run_record,
    sessions,
    summary,
    table,
)

from nas import History

HELPERS = ROOT / "tests" / "helpers"


def start(run: Path, mode: str = "auto") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, HELPERS / "tracked_search.py", run, mode],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'launchers'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(run: Path) -> int:
    try:
        return (run / "history.jsonl").read_text().count('"event":"told"')
    except FileNotFoundError:
        return 0


def kill_at(run: Path, number: int, mode: str = "auto") -> None:
    """Kills the driver once so many individuals were told; wandb's service then ends, having sent what it has."""
    process = start(run, mode)
    deadline = time.monotonic() + 60
    while told(run) < number:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    running = services(process)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(running, timeout=60)
    assert not alive


def finish(run: Path, mode: str = "auto") -> str:
    """Runs the search to its end; what it said on standard error."""
    output, errors = (process := start(run, mode)).communicate(timeout=120)
    assert process.returncode == 0, output + errors
    return errors


def test_offline_rows_are_the_journals_after_kills(tmp_path):
    run = tmp_path / "demo"
    kill_at(run, 40)
    kill_at(run, 90)
    assert finish(run) == ""
    (session,) = sessions(run)
    records = inspect(session)
    assert_rows(rows(records), expected_rows(run))
    history = History.load(run)
    assert len(history.told) == BUDGET
    assert history.told_order != sorted(history.told_order)  # workers overtook each other
    (path,) = artifacts(records)[f"lineage-{run_record(records)['run_id']}"].values()
    assert [row["state"] for row in table(path)] == [individual.state for individual in history.individuals]
    assert len(list((run / "wandb").glob("superseded-*"))) == 2
    assert not list(run.rglob("superseded-*/*.wandb"))


def test_online_the_run_goes_on_with_what_was_not_delivered(tmp_path, logged_in):
    run = tmp_path / "demo"
    logged_in.loses = 30  # lines that come later are forgotten, as if the connection were cut
    kill_at(run, 60)
    logged_in.loses = None
    assert finish(run) == ""
    ((name, there),) = logged_in.runs.items()
    assert name == (run / "wandb" / "run-id").read_text()
    assert there.complete
    assert_rows(rows_there(there.history), expected_rows(run))
    assert there.summary["evaluations"] == BUDGET
    assert [there.said(name) for name in ("displayName", "groupName", "jobType")] == ["demo", "bits", "search"]
    assert sessions(run) == []


@pytest.mark.parametrize("first", ["offline", "online"])
def test_who_logs_in_or_out_between_sessions_has_the_whole_run(tmp_path, logged_in, first):
    """Offline sessions hold everything, so whichever is uploaded last is right."""
    run = tmp_path / "demo"
    second = "online" if first == "offline" else "offline"
    kill_at(run, 30, first)
    finish(run, second)
    if second == "online":
        (there,) = logged_in.runs.values()
        assert [line["_step"] for line in there.history] == list(range(1, BUDGET + 1))
        assert sessions(run) == []
    else:
        assert_rows(rows(inspect(*sessions(run))), expected_rows(run))


def test_wandb_sync_uploads_one_whole_run(tmp_path, logged_in):
    """Whatever it is given: the superseded folder is not found."""
    run = tmp_path / "demo"
    kill_at(run, 30, "offline")
    finish(run, "offline")
    command = [program(), "sync", *map(str, (run / "wandb").iterdir()), str(run / "wandb")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (there,) = logged_in.runs.values()
    assert [line["_step"] for line in there.history] == list(range(1, BUDGET + 1))
    assert there.streams[0] == 0


def test_a_search_whose_service_dies_goes_on_and_is_tracked_afterwards(tmp_path):
    run = tmp_path / "demo"
    process = start(run)
    while told(run) < 30:
        time.sleep(0.01)
    (service,) = services(process)
    service.kill()
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0
    (line,) = errors.splitlines()
    assert "the tracker WandbTracker failed and is left out from now on" in line
    assert f"python -m nas.track run={run}" in line
    command = [sys.executable, "-m", "nas.track", f"run={run}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    records = inspect(*sessions(run))
    assert_rows(rows(records), expected_rows(run))
    assert summary(records)["reason"] == "budget"


def services(driver: "subprocess.Popen[str]") -> list[psutil.Process]:
    children = psutil.Process(driver.pid).children()
    return [child for child in children if "wandb-core" in " ".join(child.cmdline())]
