"""The driver as a job of its own: it goes back into the queue at its time limit, and stays away when it is cancelled.

The limit's signal is sent by hand, as SLURM would send it: to the batch script alone.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "launchers" / "driver.sbatch"
SEARCH = [
    "experiment=toy",
    "search_space.num_bits=8",
    "evaluator=function",
    "evaluator.function=slow_ones.count",
    "hydra/launcher=submitit_slurm",
    "hardware.workers=2",
    "hardware.mem_gb=1",
    "preflight=false",
    "report=false",
    "run=search",
]


def command(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.2)


class DriverJob:
    """Of a search whose children take two seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "slow_ones.py").write_text(
            "import time\n\n\ndef count(genome, seed):\n    time.sleep(2)\n    return sum(genome) / 8\n"
        )
        paths = os.pathsep.join(map(str, (folder, ROOT, ROOT / "launchers")))
        environment = {**os.environ, "PYTHONPATH": paths, "NAS_PYTHON": sys.executable}
        submit = ["sbatch", "--parsable", "--partition=main", f"--chdir={folder}", str(SCRIPT), *SEARCH]
        submit += [f"runs_dir={folder}", f"hydra.launcher.name={self.name}", "budget.evaluations=6"]
        done = subprocess.run(submit, env=environment, capture_output=True, text=True, check=True)
        self.id = done.stdout.strip()

    @property
    def name(self) -> str:
        return f"child-{self.folder.name}"

    def field(self, name: str) -> str:
        words = command("scontrol", "show", "job", self.id, "--oneliner").split()
        return next(word.partition("=")[2] for word in words if word.startswith(f"{name}="))

    def journal(self) -> str:
        path = self.folder / "search" / "history.jsonl"
        return path.read_text() if path.exists() else ""

    @property
    def log(self) -> str:
        return (self.folder / f"nas-driver-{self.id}.out").read_text()

    def clear(self) -> None:
        subprocess.run(["scancel", self.id], check=False)
        subprocess.run(["scancel", f"--name={self.name}"], check=False)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[DriverJob]:
    made = DriverJob(tmp_path)
    yield made
    made.clear()


def test_it_returns_after_its_time_limit_and_ends_with_its_search(driver: DriverJob) -> None:
    wait_until(lambda: '"told"' in driver.journal(), "a child")
    command("scancel", "--signal=USR1", "--batch", driver.id)
    wait_until(lambda: driver.field("Restarts") == "1", "the job to be requeued")
    assert "time limit" in driver.log
    wait_until(lambda: driver.field("JobState") == "COMPLETED", "the search to end")
    assert driver.journal().count('"opened"') == 2
    assert '"interrupted"' not in driver.journal(), "children go on meanwhile"
    told = History.load(driver.folder / "search").told
    assert [individual.number for individual in sorted(told, key=lambda child: child.number)] == list(range(6))
    assert driver.field("Restarts") == "1", "a search that has ended does not go back into the queue"


def test_cancelled_it_does_not_rise_again(driver: DriverJob) -> None:
    wait_until(lambda: '"submitted"' in driver.journal(), "a child")
    command("scancel", driver.id)
    wait_until(lambda: driver.field("JobState") == "CANCELLED", "the end")
    wait_until(lambda: '"closed"' in driver.journal(), "the driver's own last word")
    time.sleep(8)  # a requeued job would be pending by now
    assert (driver.field("JobState"), driver.field("Restarts")) == ("CANCELLED", "0")


def test_a_mistake_ends_it_for_good(tmp_path: Path) -> None:
    submit = ["sbatch", "--wait", "--parsable", f"--chdir={tmp_path}", str(SCRIPT), "experiment=nonsense"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'launchers'}", "NAS_PYTHON": sys.executable}
    done = subprocess.run(submit, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "experiment=nonsense is unknown" in (tmp_path / f"nas-driver-{done.stdout.strip()}.out").read_text()
