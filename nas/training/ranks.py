"""One process per device: distributed data parallel training that never runs the caller's program again.

Lightning's own ways to start processes do not fit a worker of a search: `ddp` runs the whole program again for every
rank, and the forking ones hand nothing but weights back, must not be used once the process has trained (autograd's
threads do not survive a fork), and know no CUDA. So the ranks are workers of our own pool, and Lightning is told, by
LOCAL_RANK, that they are running already.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from nas_launchers.executor import WorkerDied
from nas_launchers.pool import PoolExecutor
from torch import distributed

from nas.training.result import FitResult
from nas.training.run import TrainingRun
from nas.training.task_ranks import BACKENDS

_PRELOADED = ("torch", "pytorch_lightning", "nas.training.run")
_WEIGHTS_FILE = "weights.pt"


def train_in_ranks(run: TrainingRun) -> FitResult:
    """Trains in `run.hardware.devices` processes; the network of `run` gets the weights.

    Raises:
        Exception: what the first rank that failed has raised; the others are ended.
    """
    number = run.hardware.devices
    devices = os.environ.get("CUDA_VISIBLE_DEVICES")
    pool = PoolExecutor(
        number,
        threads=run.hardware.threads,
        device_sets=None if devices is None else [devices] * number,
        again_alone=False,
        preload=_PRELOADED,
    )
    with TemporaryDirectory(prefix="nas-ranks-") as folder:
        try:
            jobs = [pool.submit(_train_rank, run, rank, folder) for rank in range(number)]
            _wait_for_all(pool, jobs)
            weights = torch.load(Path(folder) / _WEIGHTS_FILE, weights_only=True)
        finally:
            pool.shutdown(cancel=True)
            _pass_on_output(Path(folder), number)
    run.network.load_state_dict(weights)
    result = jobs[0].result()
    assert isinstance(result, FitResult)
    return result


def _wait_for_all(pool: PoolExecutor, jobs: list[Any]) -> None:
    """Until every rank is done or one has failed. One that died is the reason, what others say of it is not."""
    waiting = list(jobs)
    while waiting:
        pool.wait(waiting)
        done = [job for job in waiting if job.done()]
        waiting = [job for job in waiting if job not in done]
        errors = []
        for job in done:
            try:
                job.result()
            except Exception as error:
                errors.append(error)
        if errors:
            raise next((error for error in errors if isinstance(error, WorkerDied)), errors[0])


def _train_rank(run: TrainingRun, rank: int, folder: str) -> FitResult:
    _send_output(_log(Path(folder), rank))
    os.environ["LOCAL_RANK"] = str(rank)
    distributed.init_process_group(
        BACKENDS[run.accelerator],
        init_method=f"file://{folder}/rendezvous",
        rank=rank,
        world_size=run.hardware.devices,
    )
    result = run.train(rank)
    if rank == 0:
        torch.save(run.network.state_dict(), Path(folder) / _WEIGHTS_FILE)
    return result


def _log(folder: Path, rank: int) -> Path:
    return folder / f"rank-{rank}.log"


def _send_output(path: Path) -> None:
    """Sends this process's output to a file: it has the terminal of whoever started the first worker."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _pass_on_output(folder: Path, number: int) -> None:
    """Repeats what the ranks have said, into the log of this process."""
    for rank in range(number):
        with suppress(OSError):
            sys.stderr.write(_log(folder, rank).read_text(errors="replace"))
