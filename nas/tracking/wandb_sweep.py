"""A process that an agent of `wandb sweep` started: run, project and entity are the agent's, in its environment."""

import os
from pathlib import Path

import yaml


def in_sweep() -> bool:
    """Whether an agent started this process."""
    return bool(os.environ.get("WANDB_SWEEP_ID"))


def agents_run_id() -> str | None:
    """The run's id that the agent chose; None outside of a sweep."""
    return os.environ.get("WANDB_RUN_ID") if in_sweep() else None


def swept() -> frozenset[str]:
    """The parameters that the sweep sets: W&B keeps their values in the configuration under these names."""
    path = os.environ.get("WANDB_SWEEP_PARAM_PATH")
    if not in_sweep() or not path:
        return frozenset()
    try:
        found = yaml.safe_load(Path(path).read_text())
    except (OSError, yaml.YAMLError):
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, dict) else frozenset()
