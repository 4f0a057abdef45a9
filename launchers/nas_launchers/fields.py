"""The fields of a launcher's node: those of hydra-submitit-launcher, which users know, plus one of our own."""

import dataclasses
from collections.abc import Mapping
from typing import Any

KINDS = ("local", "submitit_local", "submitit_slurm", "slurm_packed")
OURS = {"drivers_at_once": None}  # read by the Hydra launcher
NEWER = {"python": None, "srun_args": None, "use_srun": True}  # SLURM fields of hydra-submitit-launcher 1.4

PACKED = {
    "partition": None,
    "account": None,
    "name": None,
    "children_per_job": 8,
    "children_per_device": 1,
    "walltime_min": 480,
    "timeout_min": 60,
    "cpus_per_task": None,
    "mem_gb": None,
    "gpus_per_node": None,
    "nodes": 1,  # as every launcher is told them: a child is on one node, and starts processes of its own there
    "tasks_per_node": 1,
    "setup": None,
    "interface": None,
    "tls": True,
    "additional_parameters": None,
}


def known_fields(kind: str) -> dict[str, Any]:
    """The fields that a launcher of this kind takes, with their defaults.

    The local pool takes those that all kinds share, so that a configuration can set resources without knowing where
    children will run.

    Raises:
        ValueError: there is no such kind.
    """
    if kind == "slurm_packed":
        return {**PACKED, **OURS}
    from hydra_plugins.hydra_submitit_launcher.config import BaseQueueConf, LocalQueueConf, SlurmQueueConf

    schemas = {"local": BaseQueueConf, "submitit_local": LocalQueueConf, "submitit_slurm": SlurmQueueConf}
    if kind not in schemas:
        raise ValueError(f"the launcher is {kind!r}, allowed are {', '.join(KINDS)}")
    fields = {field.name: _default(field) for field in dataclasses.fields(schemas[kind])}
    if kind == "submitit_slurm":
        fields = {**NEWER, **fields}
    return {**fields, **OURS}


def completed(kind: str, node: Mapping[str, Any]) -> dict[str, Any]:
    """The node with defaults for what it leaves out.

    Raises:
        ValueError: the node has a field that this kind does not take.
    """
    known = known_fields(kind)
    unknown = sorted(set(node) - set(known) - {"_target_"})
    if unknown:
        names = ", ".join(sorted(set(known) - {"_target_"}))
        raise ValueError(f"hydra/launcher={kind} has no field {', '.join(unknown)}; its fields are {names}")
    return {**known, **node}


def _default(field: "dataclasses.Field[Any]") -> Any:
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    return None if isinstance(value, str) and "${" in value else value
