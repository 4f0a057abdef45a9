"""Distributed data parallel training where somebody else has started the ranks: they are the tasks of a submitit job.

Lightning's own detection knows SLURM, where it trusts variables that outlive their job, and would let every task of a
local submitit job train by itself.
"""

import os
from typing import Any

import torch
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from torch import distributed

from nas.training.device import choose_device
from nas.training.hardware import Hardware
from nas.training.job import JobTask, check_task, job_task

BACKENDS = {"cpu": "gloo", "cuda": "nccl"}


class TaskEnvironment(ClusterEnvironment):
    """What Lightning asks for."""

    def __init__(self, task: JobTask) -> None:
        self._task = task

    @property
    def creates_processes_externally(self) -> bool:
        return True

    @property
    def main_address(self) -> str:
        return self._task.main_address

    @property
    def main_port(self) -> int:
        return self._task.main_port

    @staticmethod
    def detect() -> bool:
        return job_task() is not None

    def world_size(self) -> int:
        return self._task.num_tasks

    def set_world_size(self, size: int) -> None:
        assert size == self._task.num_tasks

    def global_rank(self) -> int:
        return self._task.rank

    def set_global_rank(self, rank: int) -> None:
        assert rank == self._task.rank

    def local_rank(self) -> int:
        return self._task.local_rank

    def node_rank(self) -> int:
        return self._task.node


def join_ranks(hardware: Hardware) -> JobTask | None:
    """Meets the job's other tasks; a second call finds them there.

    Returns:
        This process's task; None where there are no tasks to meet.

    Raises:
        UserError: the tasks are not the devices, or the devices are not here.
    """
    task = job_task()
    check_task(hardware, task)
    if task is None or task.num_tasks == 1:
        return None
    # Else Lightning shares out the cores among a node's ranks, whatever `hardware.threads` is.
    os.environ.setdefault("OMP_NUM_THREADS", str(hardware.threads))
    if not distributed.is_initialized():
        device = choose_device(hardware)
        if device.type == "cuda":
            torch.cuda.set_device(task.local_rank)
        distributed.init_process_group(
            BACKENDS[device.type],
            init_method=f"tcp://{task.main_address}:{task.main_port}",
            rank=task.rank,
            world_size=task.num_tasks,
        )
    return task


def agreed(value: Any) -> Any:
    """Rank 0's value; nodes may see a shared folder differently. All ranks must ask."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return value
    box = [value]
    distributed.broadcast_object_list(box, src=0)
    return box[0]
