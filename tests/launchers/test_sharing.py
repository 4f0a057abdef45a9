"""Slots that share a device: what runs out of its memory beside others runs again alone."""

import time
from collections.abc import Iterator
from pathlib import Path

import calls
import pytest
import torch
from nas_launchers.executor import Cancelled
from nas_launchers.pool import PoolExecutor


@pytest.fixture
def pool() -> Iterator[PoolExecutor]:
    executor = PoolExecutor(2, device_sets=["0", "0"])
    yield executor
    executor.shutdown(cancel=True)


def start_neighbour(pool: PoolExecutor, folder: Path, until: str) -> calls.Any:
    job = pool.submit(calls.run_until, folder, "neighbour", until)
    while not (folder / "neighbour.running").exists():
        pool.wait([job], 0.02)
    return job


def test_it_runs_again_alone(pool: PoolExecutor, tmp_path: Path) -> None:
    neighbour = start_neighbour(pool, tmp_path, "large-1.run")
    large = pool.submit(calls.out_of_memory_beside_others, tmp_path, "large")
    later = pool.submit(calls.out_of_memory_beside_others, tmp_path, "later")
    assert large.result() == 2
    assert neighbour.result() == "ran"
    assert later.result() == 1  # it had to wait until the other was done


def test_it_fails_when_it_was_alone_already(pool: PoolExecutor, tmp_path: Path) -> None:
    with pytest.raises(torch.OutOfMemoryError):
        pool.submit(calls.out_of_memory).result()
    start_neighbour(pool, tmp_path, "go")
    job = pool.submit(calls.out_of_memory)
    calls.write(tmp_path / "go", "")
    with pytest.raises(torch.OutOfMemoryError):
        job.result()
    assert pool.submit(calls.add, 1, 2).result() == 3


def test_slots_of_other_devices_are_no_neighbours(tmp_path: Path) -> None:
    pool = PoolExecutor(2, device_sets=["0", "1"])
    neighbour = start_neighbour(pool, tmp_path, "never")
    job = pool.submit(calls.out_of_memory_beside_others, tmp_path, "large")
    with pytest.raises(torch.OutOfMemoryError):
        job.result()
    assert not neighbour.done()
    pool.shutdown(cancel=True)


def test_what_waits_to_be_alone_can_be_cancelled(pool: PoolExecutor, tmp_path: Path) -> None:
    start_neighbour(pool, tmp_path, "never")
    waiting, other = (pool.submit(calls.out_of_memory_beside_others, tmp_path, name) for name in ("a", "b"))
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob("a-*.run")) and time.monotonic() < deadline:
        pool.wait([waiting], 0.05)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(Cancelled):
        waiting.result()
    pool.shutdown(cancel=True)
    with pytest.raises(Cancelled):
        other.result()
