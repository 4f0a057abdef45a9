"""What a child is trained on, as plain values; nothing here is part of a search's identity. Torch-free."""

import math
import os
from dataclasses import dataclass

from nas.errors import UserError

ACCELERATORS = ("auto", "cuda", "mps", "cpu")


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """Devices, processes and memory, and what a job asks a cluster for.

    Attributes:
        accelerator: "auto" takes CUDA, else Apple's MPS, else the CPU.
        devices: per child and node, each with a process of its own; on the CPU a process is all that a device is. The
            batch size stays what the recipe says. In a job of submitit's the processes are the job's tasks.
        nodes: that one child spreads over; more than one on SLURM only.
        accumulate: passes whose gradients make one optimizer step, for batches that do not fit into memory.
        compile: trains by `torch.compile`, which takes minutes before the first step.
        children_per_device: so many small children share one device (or one set of `devices`), where workers=auto. One
            that runs out of memory beside others runs again alone. On a cluster every child has a job of its own.
        workers: children at once, wherever they run; 0 evaluates in the driver; "auto": see `worker_count`.
        threads: of a child's numerical libraries. Equal seeds give equal bits with one thread on one kind of CPU.
        channels_last: memory format of images and weights; much faster on CPUs.
        hold_on_device: keeps images that fit into memory on the device.
        evaluation_batch_size: images at once in evaluation.
        loader_workers: processes per child that decode image files; 0 decodes in the child's own.
        timeout_min: of one child's job, in minutes.
        cpus_per_task: cores of each of the `devices` tasks that one child's job has on a node.
        mem_gb: memory of one child's job on each node, in GB.
        gpus_per_node: GPUs of one child's job on each node.
        price_per_hour: of one device, in any currency; None where nobody said.
        assumed_tflops: 1e12 training FLOPs that one device is taken to do in a second, as long as nothing was measured;
            None assumes nothing.
    """

    accelerator: str
    devices: int
    accumulate: int
    compile: bool
    children_per_device: int
    workers: int | str
    threads: int
    channels_last: bool
    hold_on_device: bool
    evaluation_batch_size: int
    loader_workers: int
    timeout_min: int
    cpus_per_task: int
    mem_gb: float
    gpus_per_node: int
    nodes: int = 1
    price_per_hour: float | None = None
    assumed_tflops: float | None = None

    def __post_init__(self) -> None:
        if self.accelerator not in ACCELERATORS:
            raise UserError(f"hardware.accelerator is {self.accelerator!r}, allowed are {', '.join(ACCELERATORS)}")
        if not isinstance(self.compile, bool):
            raise UserError(f"hardware.compile is {self.compile!r}, it must be true or false")
        if self.workers != "auto":
            self._check("workers", 0)
        for key in (
            "devices",
            "nodes",
            "accumulate",
            "children_per_device",
            "threads",
            "evaluation_batch_size",
            "timeout_min",
            "cpus_per_task",
        ):
            self._check(key, 1)
        for key in ("loader_workers", "gpus_per_node"):
            self._check(key, 0)
        price, tflops = self.price_per_hour, self.assumed_tflops
        if price is not None and not (_is_number(price) and 0 <= price < math.inf):
            raise UserError(f"hardware.price_per_hour is {price!r}, it must be at least 0, or null")
        if tflops is not None and not (_is_number(tflops) and 0 < tflops < math.inf):
            raise UserError(f"hardware.assumed_tflops is {tflops!r}, it must be above 0, or null")

    @property
    def world_size(self) -> int:
        """Devices of one child, over all nodes."""
        return self.devices * self.nodes

    def worker_count(self, num_gpus: int) -> int:
        """How many children run at once on this machine.

        Args:
            num_gpus: visible GPUs; "auto" gives every `devices` of them `children_per_device` children; without any,
                every `devices` times `threads` cores get one.
        """
        if self.workers != "auto":
            assert isinstance(self.workers, int)
            return self.workers
        if num_gpus and self.accelerator in ("auto", "cuda"):
            return max(1, num_gpus // self.devices) * self.children_per_device
        return 1 if self.accelerator == "mps" else max(1, usable_cores() // (self.devices * self.threads))

    def check_devices(self, num_gpus: int) -> None:
        """Finds out what it can without torch.

        Args:
            num_gpus: visible GPUs of this machine.

        Raises:
            UserError: a child wants more devices than this machine has.
        """
        uses_gpus = self.accelerator == "cuda" or (self.accelerator == "auto" and num_gpus > 0)
        number, what = (num_gpus, "GPUs") if uses_gpus else (usable_cores(), "CPU cores")
        if self.devices > number:
            raise UserError(f"hardware.devices is {self.devices}, there are {number} {what} here")

    def check_nodes(self) -> None:
        """
        Raises:
            UserError: a child wants several nodes, where all its processes are on this machine.
        """
        if self.nodes > 1:
            raise UserError(
                f"hardware.nodes is {self.nodes}, only hydra/launcher=submitit_slurm has more than 1 for a child"
            )

    def _check(self, key: str, least: int) -> None:
        value = getattr(self, key)
        if type(value) is not int or value < least:
            more = ", or auto" if key == "workers" else ""
            raise UserError(f"hardware.{key} is {value!r}, it must be a whole number of at least {least}{more}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
