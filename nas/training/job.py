"""The tasks of a submitit job: they are the ranks of the training that runs in it. Torch-free."""

import hashlib
import multiprocessing
import sys
from dataclasses import dataclass

from nas.errors import UserError
from nas.training.hardware import Hardware

_MAIN = "submitit.core._submit"
_PORTS = range(10_000, 32_768)  # below those that Linux gives to whoever asks for any


@dataclass(frozen=True, kw_only=True)
class JobTask:
    """One task, among those of its job.

    Attributes:
        job_id: as the cluster calls the job.
        rank: of all tasks.
        local_rank: of those on this node.
        node: this node's number.
        num_tasks: on all nodes.
        num_nodes: of the job.
        main_address: where rank 0 runs.
    """

    job_id: str
    rank: int
    local_rank: int
    node: int
    num_tasks: int
    num_nodes: int
    main_address: str

    @property
    def main_port(self) -> int:
        """Follows from the job's id, so that all tasks know it and jobs on one node rarely share it."""
        digest = hashlib.sha256(self.job_id.encode()).digest()
        return _PORTS[int.from_bytes(digest[:8], "big") % len(_PORTS)]


def job_task() -> JobTask | None:
    """The task that this very process is.

    None elsewhere, also in a driver, and in a worker of one, that was started inside a job: they inherit its variables.
    """
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is None or spec.name != _MAIN or multiprocessing.parent_process() is not None:
        return None
    import submitit

    job = submitit.JobEnvironment()
    return JobTask(
        job_id=job.job_id,
        rank=job.global_rank,
        local_rank=job.local_rank,
        node=job.node,
        num_tasks=job.num_tasks,
        num_nodes=job.num_nodes,
        # The name of a single node need not be known to anybody.
        main_address="127.0.0.1" if job.num_nodes == 1 else job.hostnames[0],
    )


def task_rank() -> int:
    """The rank of this process in its job; 0 outside of jobs."""
    task = job_task()
    return 0 if task is None else task.rank


def check_task(hardware: Hardware, task: JobTask | None) -> None:
    """
    Raises:
        UserError: the job's tasks are not the devices, or nodes are wanted where there is no job.
    """
    if task is None:
        hardware.check_nodes()
    elif (task.num_tasks, task.num_nodes) != (hardware.world_size, hardware.nodes):
        raise UserError(
            f"hardware.devices is {hardware.devices} and hardware.nodes {hardware.nodes}, which needs a job of "
            f"{hardware.world_size} tasks on {hardware.nodes} nodes, but job {task.job_id} has {task.num_tasks} on "
            f"{task.num_nodes}: hydra.launcher.tasks_per_node must be hardware.devices, hydra.launcher.nodes "
            "hardware.nodes"
        )
