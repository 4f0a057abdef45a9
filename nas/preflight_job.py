"""What a preflight looks at on a node where children will run: imports, versions, run folder, data and devices."""

import importlib
import os
import pickle
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.search import provenance
from nas.search.identity import differences, identity_of
from nas.training.hardware import Hardware, usable_cores

TRAINING_MODULES = ("torch", "torchvision", "pytorch_lightning", "nas.training.fit")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the driver has, for a node to compare itself with.

    Attributes:
        parts: two objects, pickled: what runs there, and what holds the data; their modules must be importable.
        identity: of the one that holds the data, with its fingerprint.
        versions: of nas, Python and the packages that make the numbers.
        question: a file in the run folder; the answer of task N is written beside it.
        secret: what the file holds.
        hardware: what a child wants.
        trains: whether it uses that hardware; toys and tables do not.
        tasks: of a job: devices x nodes.
    """

    parts: bytes
    identity: Any
    versions: Mapping[str, str]
    question: Path
    secret: str
    hardware: Hardware
    trains: bool
    tasks: int


def check_node(expected: Expected) -> str:
    """Runs in every task of a preflight's job.

    Returns:
        The node's name.

    Raises:
        UserError: children would fail here; the sentence names the node.
    """
    node, rank, tasks = _place()
    try:
        _check_tasks(tasks, expected.tasks)
        _check_versions(expected.versions)
        _check_folder(expected, rank)
        _check_data(_loaded(expected.parts), expected.identity)
        if expected.trains:
            _check_modules()
            _check_devices(expected.hardware)
    except UserError as error:
        raise UserError(f"node {node}: {error}") from error
    return node


def answer_path(question: Path, rank: int) -> Path:
    """Where the task with this number writes what it read in the question."""
    return question.with_name(f"{question.name}.{rank}")


def _place() -> tuple[str, int, int]:
    """The node's name, the task's number, and how many there are."""
    import submitit

    job = submitit.JobEnvironment()
    return os.environ.get("SLURMD_NODENAME") or socket.gethostname(), job.global_rank, job.num_tasks


def _check_tasks(tasks: int, wanted: int) -> None:
    if tasks != wanted:
        raise UserError(
            f"the job has {tasks} tasks, but a child has {wanted} processes (hardware.devices x hardware.nodes): leave "
            "hydra.launcher.tasks_per_node and hydra.launcher.nodes to hardware"
        )


def _check_versions(wanted: Mapping[str, str]) -> None:
    found = provenance.versions()
    other = [
        f"{name} {found.get(name, 'is missing')} here, {wanted.get(name, 'none')} at the driver"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    if other:
        raise UserError(
            f"the packages are not those of the driver ({'; '.join(other)}): both must use the same environment, see "
            "setup and python of hydra/launcher"
        )


def _check_folder(expected: Expected, rank: int) -> None:
    folder = expected.question.parent
    try:
        found = expected.question.read_text()
    except OSError as error:
        raise UserError(
            f"the run folder {folder} cannot be seen from there ({error.strerror}): put it on a file system that all "
            "nodes share, with runs_dir=PATH"
        ) from error
    if found != expected.secret:
        raise UserError(f"{folder} is another folder there: put the run on a file system that all nodes share")
    try:
        with answer_path(expected.question, rank).open("w") as file:
            file.write(found)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UserError(f"the run folder {folder} cannot be written from there: {error.strerror}") from error


def _loaded(parts: bytes) -> Any:
    try:
        return pickle.loads(parts)[1]
    except Exception as error:
        raise UserError(
            f"what the driver sends cannot be loaded there ({type(error).__name__}: {error}): its modules must be "
            "installed on the nodes, or in a folder of PYTHONPATH, which lines in hydra.launcher.setup can set"
        ) from error


def _check_data(holder: Any, wanted: Any) -> None:
    try:
        found = identity_of(holder)
    except OSError as error:
        raise UserError(f"the data cannot be read there: {error}") from error
    if found != wanted:
        where = "; ".join(differences({"data": found}, {"data": wanted}))
        raise UserError(f"the data there is not the driver's: {where}")


def _check_modules() -> None:
    for name in TRAINING_MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:
            raise UserError(f"{name} cannot be imported there ({type(error).__name__}: {error})") from error


def _check_devices(hardware: Hardware) -> None:
    import torch

    if hardware.threads > (cores := usable_cores()):
        raise UserError(f"hardware.threads is {hardware.threads}, but a task has {cores} cores there")
    if not (hardware.accelerator == "cuda" or (hardware.accelerator == "auto" and hardware.gpus_per_node)):
        return
    if hardware.devices > (found := torch.cuda.device_count()):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        why = "this torch is built without CUDA" if torch.version.cuda is None else f"CUDA_VISIBLE_DEVICES is {visible}"
        raise UserError(
            f"hardware.devices is {hardware.devices}, but torch finds {found} CUDA devices there ({why}; "
            f"hardware.gpus_per_node is {hardware.gpus_per_node})"
        )
