"""A search of a million evaluations: what it costs, and what opening it, going on with it and reporting it cost.

    python -m benchmarks.million [--evaluations 1000000] [--num-bits 40] [--keep FOLDER]

Aging evolution on `bits` (P=100, S=25), journal on disk, inline. Every step runs in a process of its own, whose peak
resident memory is that of this step alone. Times are wall and CPU seconds; on a shared machine the second says more.
Chromium, where there is one, opens the page and clicks marks in it, and leaves screenshots beside the page.

Goals: under 1 GB in every step; the last tenth costs what the first does; opens in under 60 s; the page is written in
under 2 minutes and has at most 25 MB (12 MB at 20,000).
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.browsing import opened
from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search.session import Result
from nas.search_spaces.bits import Bits
from nas.tracking.base import Tracker

POPULATION_SIZE, SAMPLE_SIZE, NOISE = 100, 25, 0.01
FURTHER = 10


class Tenths(Tracker):
    """Notes wall and CPU time at every tenth of the search."""

    def __init__(self, evaluations: int) -> None:
        self.step = max(1, evaluations // 10)
        self.times = [(time.perf_counter(), time.process_time())]

    def told(self, individual: Any, progress: Any) -> None:
        if progress.told % self.step == 0:
            self.times.append((time.perf_counter(), time.process_time()))


def searched(run: Path, num_bits: int, evaluations: int, trackers: tuple[Tracker, ...] = ()) -> Result:
    space = Bits(num_bits=num_bits)
    return run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=POPULATION_SIZE, sample_size=SAMPLE_SIZE, survival="oldest"),
        evaluator=Toy(space=space, noise=NOISE, counted=1),
        budget=evaluations,
        run=run,
        trackers=trackers,
    )


def search(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    tenths = Tenths(evaluations)
    told = searched(run, num_bits, evaluations, (tenths,)).spent.told
    assert told == evaluations, f"{told} were told"
    pairs = list(zip(tenths.times, tenths.times[1:], strict=False))
    return {
        "wall_us_by_tenths": [round(1e6 * (b[0] - a[0]) / tenths.step) for a, b in pairs],
        "cpu_us_by_tenths": [round(1e6 * (b[1] - a[1]) / tenths.step) for a, b in pairs],
        "journal_mb": (run / "history.jsonl").stat().st_size / 1e6,
    }


def open_(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    history = History.load(run)
    assert len(history.told) == evaluations
    return {}


def report(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    from nas.reporting.report import write_report

    return {"page_mb": write_report(run).stat().st_size / 1e6}


def go_on(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    """With every child asked for again and compared, as it is by default."""
    told = searched(run, num_bits, evaluations + FURTHER).spent.told
    assert told == evaluations + FURTHER, f"{told} were told"
    return {}


STEPS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    "search": search,
    "open": open_,
    "report": report,
    "go on": go_on,
}


def measured(step: str, run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    """One step in this process: its seconds, its peak memory, and what else it has to say."""
    wall, cpu = time.perf_counter(), time.process_time()
    said = STEPS[step](run, num_bits, evaluations)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "peak_mb": peak, **said}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=1_000_000)
    parser.add_argument("--num-bits", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the run, instead of one that is removed")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp())
    run = (folder / "million").resolve()
    if arguments.step:
        print(json.dumps(measured(arguments.step, run, arguments.num_bits, arguments.evaluations)))
        return
    if run.exists():
        parser.error(f"{run} exists: choose another --keep")
    options = [
        "--evaluations",
        str(arguments.evaluations),
        "--num-bits",
        str(arguments.num_bits),
        "--keep",
        str(folder),
    ]
    for step in STEPS:
        command = [sys.executable, "-m", "benchmarks.million", *options, "--step", step]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{step}: {found['wall_s']:.1f} s ({found['cpu_s']:.1f} s CPU), peak {found['peak_mb']:.0f} MB", end="")
        if "page_mb" in found:
            print(f", report.html {found['page_mb']:.1f} MB", end="")
        print(flush=True)
        if step == "search":
            for clock in ("wall", "cpu"):
                tenths = found[f"{clock}_us_by_tenths"]
                ratio = tenths[-1] / tenths[0]
                print(f"  {clock} us per evaluation by tenths: {' '.join(map(str, tenths))}; last / first {ratio:.2f}")
            print(f"  journal {found['journal_mb']:.0f} MB", flush=True)
    browser = opened(run / "report.html", pictures=True)
    if browser:
        print(f"browser: {browser}")
    if arguments.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
