"""A child with two devices inside a worker of a search: what it brings, and that nothing of it stays."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from nas_launchers.pool import PoolExecutor

from tests.training.test_fit import Child

OVERRIDES = ("hardware.devices=2", "training.epochs=1", "network.filters=4")


class Hang(pl.Callback):
    """Writes the rank's process id into the folder and stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        (self.folder / str(os.getpid())).touch()
        time.sleep(600)


def validation_loss() -> float | None:
    return Child(*OVERRIDES).train().valid_loss


def hang(folder: Path) -> None:
    Child(*OVERRIDES).train(callbacks=[Hang(folder)])


@pytest.mark.slow
def test_two_children_of_two_processes_side_by_side() -> None:
    pool = PoolExecutor(2)
    losses = {pool.submit(validation_loss) for _ in range(2)}
    assert {job.result() for job in losses} == {validation_loss()}
    pool.shutdown()


@pytest.mark.slow
def test_ranks_end_with_their_worker(tmp_path: Path) -> None:
    pool = PoolExecutor(1)
    job = pool.submit(hang, tmp_path)
    deadline = time.monotonic() + 120
    while len(list(tmp_path.iterdir())) < 2 and not job.done() and time.monotonic() < deadline:
        pool.wait([job], 0.2)
    pids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    job.cancel()
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if is_alive(pid)]
    pool.shutdown()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
