"""A run folder that driver and nodes see through caches of their own, as on a network; what is synced before sbatch.

Two mounts of bindfs stand for two hosts: each remembers for half a minute what it has seen, also that a file is not
there, and drops the content of a file when it is opened after a change, which is NFS's close-to-open consistency.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from network_files import locks_and_maps, unsynced_starts, writes_to
from system_calls import traced

from nas import History
from nas.search.journal import FILE_NAME

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]
CACHED_S = 30
HOW = "install bindfs and fuse3, and run as root where /dev/fuse is there and mounting is allowed"


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Path, Path, Path]]:
    """The server's folder, and how the driver's host and the nodes see it."""
    folders = tmp_path / "server", tmp_path / "driver", tmp_path / "nodes"
    for folder in folders:
        folder.mkdir()
    if shutil.which("bindfs") is None or not Path("/dev/fuse").exists():
        pytest.skip(f"no network file system can be simulated here: {HOW}")
    cached = ",".join(f"{what}_timeout={CACHED_S}" for what in ("entry", "attr", "negative"))
    mounted = []
    try:
        for folder in folders[1:]:
            command = ["bindfs", "-o", f"{cached},auto_cache", str(folders[0]), str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            if done.returncode != 0:
                pytest.skip(f"bindfs cannot mount ({done.stderr.strip()}): {HOW}")
            mounted.append(folder)
        yield folders
    finally:
        for folder in mounted:
            unmount(folder)


def unmount(folder: Path) -> None:
    """Once the last job's process is gone that has its log there."""
    for _ in range(100):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_driver_and_nodes_with_caches_of_their_own(hosts: tuple[Path, Path, Path]) -> None:
    server, driver, nodes = hosts
    overrides = ["experiment=demo", "dataset.fraction=0.2", "training.epochs=1", "hardware.mem_gb=2", "report=false"]
    overrides += ["evaluator.keep_weights=true", "budget.evaluations=4", f"run={nodes}/run"]
    search = [sys.executable, "-m", "nas.evolve", *overrides, "hydra/launcher=submitit_slurm"]
    # the driver sees its own mount where the nodes see theirs
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount --bind "$0" "$1" && shift && exec "$@"',
        str(driver),
        str(nodes),
    ]
    done = subprocess.run([*command, *search], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    history = History.load(server / "run")
    assert [individual.attempt for individual in history.told] == [1, 1, 1, 1]
    assert len(history.individuals) == 4


def test_nothing_is_submitted_before_its_journal_is_synced(tmp_path: Path) -> None:
    run = tmp_path / "run"
    overrides = ["experiment=toy", "budget.evaluations=3", "hardware.workers=2", "hardware.mem_gb=1", f"run={run}"]
    search = [sys.executable, "-m", "nas.evolve", *overrides, "hydra/launcher=submitit_slurm"]
    calls = traced(search, tmp_path / "trace", cwd=ROOT)
    assert len(History.load(run).told) == 3
    starts, problems = unsynced_starts(calls, run / FILE_NAME, '/sbatch"')
    assert starts >= 3
    assert problems == []
    lines = (run / FILE_NAME).read_bytes().splitlines(keepends=True)
    assert writes_to(calls, run / FILE_NAME) == [len(line) for line in lines]
    assert locks_and_maps(calls, run) == []
