"""Kills drivers of real trainings and resumes them: the search must be the one that was never killed.

    python -m benchmarks.resume_after_kill [--kills 20] [--workers 1 2]
    python -m benchmarks.resume_after_kill --experiment large_scale_demo --workers 0

Digits, `order=number`, with 1 and with 2 workers, by the command line: kill -9 when the journal reaches a random byte,
and resume; then, where children inherit no weights, a copy of the whole journal cut right before and right after one
event of each kind, and resumed. Compares `History.science()`, looks for workers that outlive their driver by 2 s, and,
where weights are inherited, for files that are missing or that nobody owns. Exits with 1 where one differs.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from nas import History
from nas.search.weights import FOLDER_NAME, weight_file

SHRUNK = {
    "demo": ["budget.evaluations=8", "population.sample_size=2", "training.epochs=1"],
    "large_scale_demo": ["budget.evaluations=24", "training.steps=10"],
}
FOR_ALL = ["population.size=4", "dataset.fraction=0.1", "report=false"]


def command(experiment: str, folder: Path, workers: int) -> list[str]:
    own = [f"experiment={experiment}", *FOR_ALL, *SHRUNK[experiment], f"hardware.workers={workers}", f"run={folder}"]
    return [sys.executable, "-m", "nas.evolve", *own]


def finish(experiment: str, folder: Path, workers: int) -> str:
    subprocess.run(command(experiment, folder, workers), check=True, stdout=subprocess.DEVNULL)
    history = History.load(folder)
    if inherits(experiment):
        check(kept(folder), owners(history), f"{folder.name}: weight files")
    return history.science()


def inherits(experiment: str) -> bool:
    return experiment.startswith("large_scale")


def kept(folder: Path) -> str:
    return str(sorted(path.name for path in (folder / FOLDER_NAME).iterdir()))


def owners(history: History) -> str:
    assert history.best is not None
    alive = [individual for individual in (*history.alive, history.best) if not individual.metrics["diverged"]]
    return str(sorted({weight_file(history.path.parent, individual.number).name for individual in alive}))


def kill_at(experiment: str, folder: Path, workers: int, size: int) -> None:
    """Starts the search, kills its driver when the journal has `size` bytes, waits until its workers must be gone."""
    journal = folder / "history.jsonl"
    process = subprocess.Popen(command(experiment, folder, workers), stdout=subprocess.DEVNULL)
    while not (journal.exists() and journal.stat().st_size >= size) and process.poll() is None:
        time.sleep(0.002)
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    time.sleep(2)
    left = [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    if left:
        sys.exit("outlived its driver by 2 s: " + "; ".join(" ".join(child.cmdline()) for child in left))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--experiment", choices=list(SHRUNK), default="demo")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    kills, experiment = arguments.kills, arguments.experiment
    top = Path(tempfile.mkdtemp())
    for workers in arguments.workers:
        science = finish(experiment, top / f"whole-{workers}", workers)
        journal = (top / f"whole-{workers}" / "history.jsonl").read_bytes()
        lines = journal.splitlines(keepends=True)
        ends = [sum(map(len, lines[: index + 1])) for index in range(len(lines))]
        first = next(index for index, line in enumerate(lines) if b'"asked"' in line)
        last = max(index for index, line in enumerate(lines) if b'"told"' in line)
        rng = random.Random(workers)
        sizes = [rng.randrange(ends[first], ends[last]) for _ in range(kills)]
        for number, size in enumerate(sizes):
            folder = top / f"killed-{workers}-{number}"
            kill_at(experiment, folder, workers, size)
            check(finish(experiment, folder, workers), science, f"workers {workers}, killed at byte {size}")
        cuts = set() if inherits(experiment) else {ends[first - 1], *beside_events(lines, ends)}
        for cut in sorted(cuts):
            folder = top / f"cut-{workers}-{cut}"
            folder.mkdir()
            (folder / "history.jsonl").write_bytes(journal[:cut])
            check(finish(experiment, folder, workers), science, f"workers {workers}, cut at byte {cut}")
        print(f"{workers} workers: {kills} kills and {len(cuts)} cuts beside events, all equal", flush=True)
    shutil.rmtree(top)


def beside_events(lines: list[bytes], ends: list[int]) -> Iterator[int]:
    """Right before and right after one event of each kind."""
    for kind in (b'"opened"', b'"asked"', b'"submitted"', b'"told"', b'"closed"'):
        where = [index for index, line in enumerate(lines) if b'"event":' + kind in line]
        index = where[len(where) // 2]
        yield from (ends[index - 1], ends[index])


def check(found: str, expected: str, where: str) -> None:
    if found != expected:
        print(f"{where}: {found[:2000]} instead of {expected[:2000]}", flush=True)
        os._exit(1)


if __name__ == "__main__":
    main()
