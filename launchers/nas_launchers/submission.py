"""The environment in which a job is submitted."""

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import submitit

KEPT = ("SLURM_CONF", "SLURM_CLUSTERS")  # where the cluster is, rather than in which job this process runs
OWN_PATH = str(Path(__file__).resolve().parent.parent)


@contextmanager
def outside_of_jobs() -> Iterator[None]:
    """Hides this process's own SLURM job, if it runs in one: what is submitted would take itself for a part of it."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with submitit.helpers.clean_env():
        os.environ.update(kept)
        try:
            yield
        finally:
            for name in kept:
                os.environ.pop(name, None)


@contextmanager
def python_path(paths: Sequence[str]) -> Iterator[None]:
    """Puts folders in front of PYTHONPATH."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([*paths, *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def setup_lines(fields: dict[str, Any], paths: Sequence[str]) -> list[str]:
    """What the job's shell does before Python starts: the user's lines, then ours.

    The path is set here, as sites may keep jobs from inheriting the environment. From SLURM 22.05 on, srun does not
    take over the number of processors that sbatch was given.
    """
    lines = list(fields.get("setup") or [])
    lines.append(f'export PYTHONPATH={shlex.quote(os.pathsep.join(paths))}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    if fields.get("cpus_per_task"):
        lines.append(f"export SRUN_CPUS_PER_TASK={fields['cpus_per_task']}")
    return lines
