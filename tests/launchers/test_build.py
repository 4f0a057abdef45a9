"""From a launcher's node to an executor."""

from pathlib import Path

import calls
import pytest
from nas_launchers.build import build_executor
from nas_launchers.devices import device_sets
from nas_launchers.inline import InlineExecutor
from nas_launchers.pool import PoolExecutor


def test_no_workers_is_inline(tmp_path: Path) -> None:
    assert isinstance(build_executor("local", {}, workers=0, folder=tmp_path), InlineExecutor)


def test_workers_are_a_pool_with_devices(tmp_path: Path) -> None:
    executor = build_executor("local", {"timeout_min": 1}, workers=2, folder=tmp_path, gpus=["3", "5"])
    assert isinstance(executor, PoolExecutor)
    jobs = [executor.submit(calls.environment, "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS") for _ in range(2)]
    assert {job.result()["CUDA_VISIBLE_DEVICES"] for job in jobs} == {"3", "5"}
    assert {job.result()["OMP_NUM_THREADS"] for job in jobs} == {"1"}
    executor.shutdown()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("gpus", "slots", "per_slot", "expected"),
    [
        ([], 2, 1, None),
        (["0", "1"], 2, 1, ["0", "1"]),
        (["0", "1", "2", "3"], 2, 2, ["0,1", "2,3"]),
        (["0", "1"], 3, 1, ["0", "1", "0"]),
        (["0", "1", "2"], 2, 2, ["0,1", "0,1"]),
        (["0", "1"], 2, 0, ["", ""]),
    ],
)
def test_device_sets(gpus: list[str], slots: int, per_slot: int, expected: list[str] | None) -> None:
    assert device_sets(gpus, slots, per_slot) == expected


def test_more_devices_than_there_are() -> None:
    with pytest.raises(ValueError, match="wants 2 devices, but only 1 are visible: 0"):
        device_sets(["0"], 1, 2)


def test_unknown_launcher_and_field(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'basic', allowed are local, submitit_local, submitit_slurm, slurm_packed"):
        build_executor("basic", {}, workers=1, folder=tmp_path)
    with pytest.raises(ValueError, match="slurm_packed has no field qos; its fields are account"):
        build_executor("slurm_packed", {"qos": "high"}, workers=1, folder=tmp_path)
    with pytest.raises(ValueError, match="local has no field workres"):
        build_executor("local", {"workres": 2}, workers=1, folder=tmp_path)


def test_what_packed_jobs_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(**fields: object) -> None:
        build_executor("slurm_packed", fields, workers=1, folder=tmp_path)

    monkeypatch.setattr("nas_launchers.packed_fields.find_spec", lambda name: None)
    with pytest.raises(
        ValueError, match=r"needs distributed and dask_jobqueue and cryptography: .*nas-evolve\[cluster"
    ):
        build()
    monkeypatch.setattr("nas_launchers.packed_fields.find_spec", lambda name: name)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match="needs SLURM's sbatch, which is not on this machine's PATH"):
        build()
    (tmp_path / "sbatch").touch(mode=0o700)
    with pytest.raises(ValueError, match="children_per_job is 0, it must be a whole number of at least 1"):
        build(children_per_job=0)
    with pytest.raises(ValueError, match="timeout_min is None, slurm_packed needs a positive limit"):
        build(timeout_min=None)
    with pytest.raises(ValueError, match=r"walltime_min is 61, .* at least timeout_min \+ 2 = 62"):
        build(timeout_min=60, walltime_min=61)
