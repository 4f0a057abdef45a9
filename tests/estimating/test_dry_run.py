"""A dry run as users make one: what it prints, that nothing is left of it, what search and report make of it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_cli import ROOT, evolve

from nas import History
from nas.estimating.estimate import DRY_RUN
from nas.estimating.kept import FILE_NAME, known
from nas.reporting.figures.estimated import compared
from nas.reporting.material import Material

SMALL = (
    "experiment=demo",
    "dataset.fraction=0.1",
    "training.epochs=1",
    "population.size=3",
    "population.sample_size=2",
)
ROWS = ("seconds per child", "device-hours", "wall time", "memory", "disk")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Short, as sockets below it must have names of at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="dry-") as name:
        yield Path(name)


def temporary(folder: Path) -> dict[str, str]:
    """Where a dry run has its files, to see that nothing stays."""
    folder.mkdir(exist_ok=True)
    return os.environ | {"TMPDIR": str(folder)}


def dry_run(tmp_path: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "nas.evolve", *overrides, "dry_run=true", f"runs_dir={tmp_path / 'runs'}"]
    return subprocess.run(
        command, cwd=ROOT, env=temporary(tmp_path / "tmp"), capture_output=True, text=True, timeout=240, check=False
    )


def left(tmp_path: Path) -> list[str]:
    """Everything but the estimate that was kept; Python's own sockets and semaphores go with their processes."""
    found = [path for path in tmp_path.rglob("*") if path.is_file() or path.name.startswith(".dry-run")]
    return [str(path.relative_to(tmp_path)) for path in found if path.parent.name != ".estimates"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A dry run, then the search: its folder, and what the dry run printed."""
    place = tmp_path_factory.mktemp("both")
    wanted = [*SMALL, "budget.evaluations=6", "run=one", "hardware.price_per_hour=2.5"]
    done = dry_run(place, *wanted)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not left(place)
    done_search = evolve(*wanted, f"runs_dir={place / 'runs'}")
    assert done_search.returncode == 0, done_search.stderr
    return place / "runs" / "one", done.stdout


def test_it_prints_every_cost_with_its_interval(searched: tuple[Path, str]) -> None:
    _, out = searched
    head = "only 300 validation images: [^\n]*\nDry run of one: nothing is journaled.\n6 children, 2 at once"
    assert re.match(head, out)
    lines = {row: next(line for line in out.splitlines() if line.startswith(f"  {row} ")) for row in ROWS}
    for row in ("seconds per child", "device-hours"):
        middle, low, high = map(float, re.findall(r"[\d.]+(?:e-\d+)?", lines[row])[:3])
        assert 0 < low < middle < high
    assert "money" in out
    assert "at 2.5 for a device-hour" in out
    many = re.search(r"  (\d+) children were trained, whole", out)  # short ones, so that more are tried
    assert many is not None
    assert 4 <= int(many[1]) <= 32


def test_the_search_keeps_it_and_the_report_sets_it_beside_the_cost(searched: tuple[Path, str]) -> None:
    folder, _ = searched
    (estimate,) = known(folder).estimates
    assert (estimate.basis, estimate.told, estimate.children, estimate.price_per_hour) == (DRY_RUN, 0, 6, 2.5)
    history = History.load(folder)
    found = compared(Material(history))
    assert found is not None
    assert (found.told, found.elapsed_s) == (6, history.elapsed_s)
    assert found.device_s == pytest.approx(sum(individual.device_s for individual in history.individuals))
    assert found.device_ratio == pytest.approx(found.device_s / 3600 / estimate.device_hours.middle)
    page = (folder / "report.html").read_text()
    assert f"device-hours for 6 evaluations, from {estimate.words}; spent" in page
    assert f"{found.device_ratio:.2f} times the estimate for so many." in page
    assert "of the driver" in page


def test_nothing_of_it_is_in_the_journal(searched: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = searched
    done = evolve(*SMALL, "budget.evaluations=6", "run=one", f"runs_dir={tmp_path}", "report=false")
    assert done.returncode == 0, done.stderr
    other = History.load(tmp_path / "one")
    assert not (tmp_path / "one" / FILE_NAME).exists()
    assert (other.identity, other.science()) == (History.load(folder).identity, History.load(folder).science())


@pytest.mark.slow
def test_a_larger_budget_is_estimated_for_what_is_left(searched: tuple[Path, str]) -> None:
    folder, _ = searched
    place = folder.parent.parent
    where = [*SMALL, "run=one"]
    done = dry_run(place, *where, "budget.evaluations=6")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith("has used its budget, so that nothing is left to estimate; a larger one would extend it")
    journal = (folder / "history.jsonl").read_bytes()
    done = dry_run(place, *where, "budget.evaluations=9")
    assert "\n3 children, after 6 that are told, 2 at once" in done.stdout
    assert (folder / "history.jsonl").read_bytes() == journal
    assert evolve(*where, "budget.evaluations=8", f"runs_dir={place / 'runs'}").returncode == 0
    first, second = known(folder).estimates
    assert (first.children, second.told, second.children) == (6, 6, 2)


def test_look_ups_are_estimated_with_the_drivers_work(tmp_path: Path) -> None:
    done = dry_run(tmp_path, "experiment=toy", "budget.evaluations=3000", "dry_run_s=1")
    assert done.returncode == 0, done.stderr
    assert "in a short search, with the driver's own work" in done.stdout
    assert "3,000 children, 1 at once" in done.stdout
    assert not left(tmp_path)


MISTAKES = [
    (["-m", "seed=1,2"], "leave -m out"),
    (["hardware.price_per_hour=-1"], "hardware.price_per_hour is -1, it must be at least 0"),
    (["hardware.assumed_tflops=0"], "hardware.assumed_tflops is 0, it must be above 0"),
    (["budget.evaluations=null"], "the search has no budget"),
    (["budget=100"], "budget is 100"),
    (["budget.confirm_device_hours=-1"], "budget.confirm_device_hours is -1"),
    (["dry_run_children=0"], "dry_run_children is 0"),
    (["dry_run_s=no"], "dry_run_s is"),
    (
        ["evaluator=function", "evaluator.function=math.dist"],
        "children of the dry run failed, the first with: Type",
    ),
    (["experiment=demo", "dataset.fraction=0.1", "constraint.parameters=1"], "draws in a row were rejected"),
]


@pytest.mark.parametrize(
    ("overrides", "words"), MISTAKES, ids=lambda value: value[-1] if isinstance(value, list) else ""
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(tmp_path: Path, overrides: list[str], words: str) -> None:
    experiment = [] if any(one.startswith("experiment=") for one in overrides) else ["experiment=toy"]
    done = dry_run(tmp_path, *experiment, *overrides)
    assert done.returncode in (1, 2)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("nas: ")
    assert words in line
    assert not left(tmp_path)


@pytest.mark.parametrize("name", ["SIGINT", pytest.param("SIGTERM", marks=pytest.mark.slow)])
def test_a_signal_ends_it_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "nas.evolve", *SMALL, "training.epochs=100000", "dry_run_s=600", "dry_run=true"]
    command.append("progress=none")
    command.append(f"runs_dir={tmp_path / 'runs'}")
    process = subprocess.Popen(
        command, cwd=ROOT, env=temporary(tmp_path / "tmp"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 120
    while not list((tmp_path / "tmp").glob(".dry-run-*/child-0")) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(getattr(signal, name))
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), errors
    assert errors == "nas: interrupted, nothing is lost\n"
    assert not left(tmp_path)
