"""What a dry run estimates beside what the search then costs: 200 children on digits, 20 on CIFAR-10.

    python -m benchmarks.estimate [--only digits] [--full] [--pairs 1]

Each pair is `python -m nas.evolve ... dry_run=true` and then the same command without it, in a folder that is removed.
Goal: spent / estimated within 20 % for device-hours and for the driver's time. `--full` takes the demo's own data and
epochs (ten minutes or more). CIFAR-10 is left out unless NAS_DATA or NAS_TEST_DATA names a folder with cifar10.npz.
Both parts should find the machine equally busy, so run it on a quiet one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nas.reporting.figures.estimated import compared
from nas.reporting.material import Material
from nas.search.history import History

DIGITS = ["experiment=demo", "budget.evaluations=200"]
SMALL = ["dataset.fraction=0.2", "training.epochs=1"]
CIFAR10 = ["dataset=cifar10", "network=tiny", "training.epochs=1", "training.batch_size=32", "dataset.fraction=0.01"]
CIFAR10 += ["dataset.num_valid=500", "budget.evaluations=20", "hardware=cpu", "hardware.workers=2"]
CIFAR10 += ["population.size=6", "population.sample_size=3"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["digits", "cifar10"])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--pairs", type=int, default=1)
    arguments = parser.parse_args()
    searches = {"digits": DIGITS if arguments.full else DIGITS + SMALL}
    data = os.environ.get("NAS_TEST_DATA") or os.environ.get("NAS_DATA")
    if data and (Path(data) / "cifar10.npz").exists():
        searches["cifar10"] = [*CIFAR10, f"dataset.root={data}"]
    for name, overrides in searches.items():
        if arguments.only in (None, name):
            for seed in range(arguments.pairs):
                pair(name, [*overrides, f"seed={seed}"])


def pair(name: str, overrides: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        where = [f"runs_dir={folder}", "run=one", "progress=none", "report=false"]
        print(f"{name}: {' '.join(overrides)}; load {os.getloadavg()[0]:.1f}", flush=True)
        began = time.monotonic()
        run(*overrides, *where, "dry_run=true")
        print(f"  the dry run took {time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}", flush=True)
        run(*overrides, *where)
        found = compared(Material(History.load(Path(folder) / "one")))
        assert found is not None
        estimate, hours = found.estimate, found.device_s / 3600
        low, high = estimate.device_hours.low, estimate.device_hours.high
        print(
            f"  device-hours: estimated {estimate.device_hours.middle:.4f} ({low:.4f} to {high:.4f}), "
            f"spent {hours:.4f}, ratio {found.device_ratio:.3f}; load {os.getloadavg()[0]:.1f}"
        )
        assert estimate.wall_s is not None
        print(
            f"  driver's time: estimated {estimate.wall_s.middle:.1f} s, it took {found.elapsed_s:.1f} s, "
            f"ratio {found.wall_ratio:.3f}",
            flush=True,
        )


def run(*overrides: str) -> None:
    done = subprocess.run([sys.executable, "-m", "nas.evolve", *overrides], text=True, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(done.returncode)
    for line in done.stdout.splitlines():
        print(f"    {line}", flush=True)


if __name__ == "__main__":
    main()
