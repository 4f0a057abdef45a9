"""`python -m nas.status` beside real jobs of submitit's local executor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nas import History

ROOT = Path(__file__).resolve().parents[2]
SEARCH = [
    "experiment=toy",
    "budget.evaluations=2",
    "evaluator=function",
    "evaluator.function=sleeping.f",
    "hydra/launcher=submitit_local",
    "hardware.workers=2",
    "progress=none",
]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """A command of ours, in a folder with a module whose evaluations wait for a file."""
    (tmp_path / "sleeping.py").write_text(
        f"""
import os, pathlib, time

def f(genome, seed):
    while not pathlib.Path({str(tmp_path / "go")!r}).exists():
        time.sleep(0.05)
    return sum(genome) / 100
"""
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, ROOT, ROOT / "launchers")))}

    def begin(module: str, *overrides: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", f"nas.{module}", *overrides, f"runs_dir={tmp_path / 'runs'}"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **pipes)

    yield begin
    (tmp_path / "go").touch()  # jobs outlive a test that fails, too


def said(process: "subprocess.Popen[str]", code: int = 0) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, out + err
    return out + err


def wait_for_jobs(run: Path, count: int = 2) -> set[str]:
    for _ in range(1200):
        if (run / "history.jsonl").exists():
            jobs = {individual.job for individual in History.load(run).individuals if individual.job}
            if len(jobs) == count:
                return jobs
        time.sleep(0.05)
    raise AssertionError("no jobs came")


def test_jobs_of_a_killed_driver_are_shown_cancelled_and_begun_again(
    tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    run = tmp_path / "runs" / "a"
    driver = start("evolve", *SEARCH, "run=a")
    jobs = wait_for_jobs(run)
    assert "running, by process" in said(start("status", "run=a"))
    assert "another driver works on" in said(start("status", "run=a", "cancel=true"), code=2)
    driver.kill()
    driver.communicate()
    shown = said(start("status", "run=a"))
    assert f"{run}: cut off" in shown
    assert "Jobs of submitit_local: 2 run, 0 wait" in shown
    assert "cut off" in said(start("status"))
    other = said(start("evolve", *SEARCH, "run=a", "hydra/launcher=local"), code=2)
    assert "go on with hydra/launcher=submitit_local" in other
    assert "2 jobs of" in said(start("status", "run=a", "cancel=true"))
    assert not any(psutil.pid_exists(int(job)) for job in jobs)
    (tmp_path / "go").touch()
    said(start("evolve", *SEARCH, "run=a", "hydra/launcher=local"))
    history = History.load(run)
    assert [individual.attempt for individual in history.told] == [2, 2]
    assert "finished" in said(start("status", "run=a"))


def test_ctrl_c_leaves_jobs_and_the_same_command_takes_them_up(
    tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    run = tmp_path / "runs" / "a"
    driver = start("evolve", *SEARCH, "run=a")
    jobs = wait_for_jobs(run)
    driver.send_signal(signal.SIGINT)
    assert "2 jobs go on; Ctrl-C again within 5 s ends them" in said(driver, code=130)
    (tmp_path / "go").touch()
    assert "The budget is used: 2 evaluations" in said(start("evolve", *SEARCH, "run=a"))
    history = History.load(run)
    assert {individual.job for individual in history.told} == jobs
    assert [individual.attempt for individual in history.told] == [1, 1]
    assert list((run / "jobs").iterdir()) == []


def test_a_second_ctrl_c_ends_them(tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]) -> None:
    run = tmp_path / "runs" / "a"
    driver = start("evolve", *SEARCH, "run=a")
    jobs = wait_for_jobs(run)
    driver.send_signal(signal.SIGINT)
    time.sleep(1.0)
    driver.send_signal(signal.SIGINT)
    said(driver, code=130)
    assert not any(psutil.pid_exists(int(job)) for job in jobs)
    assert "Jobs of" not in said(start("status", "run=a"))


def test_what_cannot_be_is_told_in_a_sentence(start: Callable[..., "subprocess.Popen[str]"]) -> None:
    assert "there is no run 'b'" in said(start("status", "run=b"), code=2)
    assert "run is missing" in said(start("status", "cancel=true"), code=2)
    assert "There is no run in" in said(start("status"))
