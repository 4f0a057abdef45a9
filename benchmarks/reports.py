"""What reports of large searches cost: seconds, bytes, and whether a browser opens them.

    python -m benchmarks.reports [--individuals 20000] [--keep FOLDER]

Searches of both papers' spaces, real but for the accuracy, which is a formula (tests/helpers/example_runs.py). Each
report is written by a process of its own, as `python -m nas.report` does. `benchmarks.million` does a million.

Goals at 20,000: under 15 s, at most 12 MB.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.browsing import opened

ROOT = Path(__file__).resolve().parents[1]
SPACES = ("cells", "dna")


def search(folder: Path, space: str, individuals: int) -> None:
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "launchers", ROOT / "tests" / "helpers")))
    command = [sys.executable, "-m", "example_runs", str(folder), space, str(individuals)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.DEVNULL)


def report(folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds that writing takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "nas.report", f"run={folder}"], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--individuals", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="a folder for the runs, instead of one that is removed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for space in SPACES:
            folder = (arguments.keep or Path(temporary)).resolve() / f"{space}-{arguments.individuals}"
            if not folder.exists():
                search(folder, space, arguments.individuals)
            wall, cpu = report(folder)
            page = folder / "report.html"
            print(f"{space}, {arguments.individuals:,} individuals: {wall:.1f} s ({cpu:.1f} s CPU),", end=" ")
            print(f"report.html {page.stat().st_size / 1e6:.1f} MB", end="")
            browser = opened(page)
            print(f"; {browser}" if browser else "", flush=True)


if __name__ == "__main__":
    main()
