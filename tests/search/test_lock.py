"""One driver per run: taken over when its process is gone, watched when it runs elsewhere."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from searches import search

from nas import History
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.search.lock import DriverLock

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from nas.search.lock import DriverLock
lock = DriverLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def foreign(folder: Path, **changes: Any) -> Path:
    """The lock of a driver on another machine."""
    path = folder / "driver.lock"
    lock = {"host": "elsewhere", "boot": "another", "pid": 1, "start": 0.0, "token": "theirs", "counter": 0}
    path.write_text(json.dumps(lock | changes))
    return path


def test_the_lock_of_a_living_process_is_refused_and_that_of_a_killed_one_taken_over(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with pytest.raises(UserError, match=f"another driver works on .*process {process.pid} on "):
        DriverLock(tmp_path).acquire()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "driver.lock").exists()
    lock = DriverLock(tmp_path)
    lock.acquire()
    assert lock.still_held()
    lock.release()
    assert not list(tmp_path.iterdir())


def test_a_process_that_took_the_dead_ones_number_holds_nothing(tmp_path: Path) -> None:
    lock = DriverLock(tmp_path)
    lock.acquire()
    there = json.loads(lock.path.read_text())
    lock.release()
    foreign(tmp_path, **(there | {"pid": os.getpid(), "start": there["start"] - 100, "token": "theirs"}))
    lock = DriverLock(tmp_path)
    lock.acquire()
    lock.release()


def test_a_foreign_lock_that_stands_still_is_taken_over(tmp_path: Path) -> None:
    foreign(tmp_path)
    lock = DriverLock(tmp_path)
    lock.acquire(watch_s=0.3)
    assert lock.still_held()
    lock.release()


@pytest.mark.parametrize("released", [False, True])
def test_a_foreign_lock_is_watched_until_it_moves(tmp_path: Path, released: bool) -> None:
    path = foreign(tmp_path)

    def move() -> None:
        time.sleep(0.3)
        if released:
            path.unlink()
        else:
            foreign(tmp_path, counter=1)

    thread = threading.Thread(target=move)
    thread.start()
    lock = DriverLock(tmp_path)
    if released:
        lock.acquire(watch_s=30)
        lock.release()
    else:
        with pytest.raises(UserError, match="process 1 on elsewhere"):
            lock.acquire(watch_s=30)
        assert json.loads(path.read_text())["token"] == "theirs"
    thread.join()


def test_a_lock_that_cannot_be_read_is_watched_too(tmp_path: Path) -> None:
    (tmp_path / "driver.lock").write_text("{torn")
    lock = DriverLock(tmp_path)
    lock.acquire(watch_s=0.2)
    lock.release()


def test_who_lost_the_lock_knows_it_and_leaves_the_new_one_alone(tmp_path: Path) -> None:
    lock = DriverLock(tmp_path)
    lock.acquire()
    path = foreign(tmp_path)
    assert not lock.still_held()
    lock.release()
    assert json.loads(path.read_text())["token"] == "theirs"


def test_a_driver_that_was_faster_gets_its_lock_back(tmp_path: Path) -> None:
    """Between reading a stale lock and taking it away another driver may have taken it over."""
    path = foreign(tmp_path, token="fresh")
    DriverLock(tmp_path)._take_away({"token": "stale"})
    assert json.loads(path.read_text())["token"] == "fresh"
    assert [file.name for file in tmp_path.iterdir()] == ["driver.lock"]


def test_of_many_at_once_exactly_one_gets_it(tmp_path: Path) -> None:
    """All find the same stale lock."""
    foreign(tmp_path)
    code = (
        "import sys; from pathlib import Path; from nas.search.lock import DriverLock\n"
        "from nas.errors import UserError\n"
        "lock = DriverLock(Path(sys.argv[1]))\n"
        "try: lock.acquire(watch_s=0.2); sys.stdin.read(); print('held', lock.still_held())\n"
        "except UserError: print('refused')"
    )
    command = [sys.executable, "-c", code, tmp_path]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    deadline = time.monotonic() + 60
    while sum(process.poll() is not None for process in processes) < 3:  # the fourth holds it until its input ends
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert sorted(process.communicate()[0] for process in processes) == ["held True\n", *["refused\n"] * 3]


@dataclass(frozen=True)
class Robbed(Evaluator):
    """Another driver takes the run over while the fifth child is evaluated."""

    folder: Path = field(metadata={"identity": False})
    seconds: float = 0.0
    name = "robbed"
    writes_files = False

    def evaluate(self, task: Task) -> Metrics:
        if task.number == 4:
            foreign(self.folder)
            time.sleep(self.seconds)
        return {"valid_accuracy": 0.5}


@dataclass(frozen=True)
class RobbedWithFiles(Robbed):
    writes_files = True


@pytest.mark.parametrize("kind", ["cheap", "files", "pool"])
def test_a_driver_that_was_taken_over_writes_nothing_more(tmp_path: Path, kind: str) -> None:
    """As after a machine that slept: the journal is the other driver's now."""
    folder = tmp_path / "run"
    evaluator = RobbedWithFiles(folder) if kind == "files" else Robbed(folder, seconds=1.1 if kind == "cheap" else 0.0)
    with pytest.raises(UserError, match="another driver has taken over"):
        search(folder, evaluator=evaluator, workers=int(kind == "pool"))
    assert json.loads((folder / "driver.lock").read_text())["token"] == "theirs"
    history = History.load(folder)
    assert [individual.number for individual in history.told] == [0, 1, 2, 3]
    assert history.closed is None


def test_a_folder_that_is_gone_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        DriverLock(tmp_path / "nowhere").acquire()
