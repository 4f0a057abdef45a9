"""Children per hour of two local workers against one: the same random digits children, interleaved.

    python -m benchmarks.workers [--pairs 3] [--children 12]

Counts from the first told child to the last, so that starting the workers does not count. Goal: at least 1.8.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.pairs import interleaved
from nas import History


def children_per_hour(workers: int, children: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        overrides = ["experiment=demo", "algorithm=random", "order=completion", "report=false", "progress=none"]
        own = [f"budget.evaluations={children}", f"hardware.workers={workers}", f"run={folder}/run"]
        command = [sys.executable, "-m", "nas.evolve", *overrides, *own]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        told = [individual.finished_s or 0.0 for individual in History.load(Path(folder) / "run").told]
    return 3600 * (len(told) - workers) / (told[-1] - told[workers - 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--children", type=int, default=12)
    arguments = parser.parse_args()
    ratio = interleaved(
        lambda: children_per_hour(2, arguments.children),
        lambda: children_per_hour(1, arguments.children),
        arguments.pairs,
        lambda number, two, one: print(f"pair {number}: two workers {two:.0f}/h, one {one:.0f}/h", flush=True),
    )
    print(f"two workers against one: {ratio}; goal: at least 1.8")


if __name__ == "__main__":
    main()
