"""The jobs of a packed launcher: Dask's cluster of SLURM jobs, each with one worker of several slots."""

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dask_jobqueue.slurm import SLURMCluster, SLURMJob
from distributed.core import Status
from distributed.security import Security

from nas_launchers.mark import comment, marked_label, run_mark
from nas_launchers.packed_worker import STARTED
from nas_launchers.slurm import Slurm
from nas_launchers.submission import outside_of_jobs, setup_lines

MARGIN_S = 60.0  # SLURM may end a job so much before its limit
POOL = "pool"  # the label of these jobs
LOCAL = "127.0.0.1:0"  # Dask's web server cannot be left out; nobody else shall see it


class MarkedJob(SLURMJob):
    """dask-jobqueue's job; keeps sbatch's refusal for the executor, and is no part of a job that the driver runs in.

    Attributes:
        refusal: sbatch's own words; None if it took the job.
        has_connected: whether its worker was ever seen.
    """

    def __init__(
        self, *args: Any, environment: Mapping[str, str], security: Security | None = None, **options: Any
    ) -> None:
        super().__init__(*args, security=security and _quoted(security), **options)
        self.refusal: str | None = None
        self.has_connected = False
        self._environment = dict(environment)

    async def start(self) -> None:
        try:
            await super().start()
        except (RuntimeError, OSError) as error:
            said = [line for line in str(error).splitlines() if line.startswith("sbatch: ")]
            self.refusal = "; ".join(said or str(error).split("\n")[:1])

    async def close(self) -> None:
        await super().close()
        self.status = Status.closed  # which dask-jobqueue leaves out

    async def _submit_job(self, script_filename: str) -> str:
        command = [*shlex.split(self.submit_command), script_filename]
        said: str = await self._call(command, env=self._environment)
        return said


def _quoted(security: Security) -> Security:
    """With its files as a shell wants them: dask-jobqueue writes them into the job's script as they are."""
    names = ("tls_ca_file", "tls_worker_cert", "tls_worker_key")
    return Security(require_encryption=True, **{name: shlex.quote(getattr(security, name)) for name in names})


def make_cluster(fields: Mapping[str, Any], folder: Path, paths: Sequence[str]) -> SLURMCluster:
    """The cluster, without any job yet.

    Args:
        fields: of conf/hydra/launcher/slurm_packed.yaml, whole.
        folder: the run folder; logs and certificates go to `folder/jobs`.
        paths: what jobs need on PYTHONPATH.
    """
    children = fields["children_per_job"]
    jobs_folder = folder.resolve() / "jobs"
    jobs_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with outside_of_jobs():
        environment = dict(os.environ)
    secure = {"security": True, "shared_temp_directory": str(jobs_folder)} if fields["tls"] else {}
    return SLURMCluster(
        job_cls=MarkedJob,
        environment=environment,
        cores=children,
        processes=1,
        job_cpu=children * (fields["cpus_per_task"] or 1),
        memory=f"{children * (fields['mem_gb'] or 1)}GiB",
        job_mem=f"{children * fields['mem_gb']}G" if fields["mem_gb"] else None,
        walltime=slurm_time(fields["walltime_min"]),
        queue=fields["partition"],
        account=fields["account"],
        interface=fields["interface"],
        python=shlex.quote(sys.executable),
        nanny=False,
        death_timeout=60,
        worker_extra_args=["--no-dashboard", "--dashboard-address", LOCAL, "--memory-limit", "0"],
        scheduler_options={"dashboard": False, "dashboard_address": LOCAL},
        job_script_prologue=[f"export {STARTED}=$(date +%s)", *setup_lines(dict(fields), paths)],
        job_extra_directives=_directives(fields, folder, jobs_folder),
        silence_logs="critical",
        **secure,
    )


def _directives(fields: Mapping[str, Any], folder: Path, jobs_folder: Path) -> list[str]:
    """Quoted, which dask-jobqueue's own for names and logs are not; of two, sbatch takes the last."""
    options = {
        "job-name": re.sub(r"[^\w.-]", "-", fields["name"] or folder.resolve().name),
        "output": jobs_folder / "%j_pool.log",
        "error": jobs_folder / "%j_pool.log",
        "comment": comment(run_mark(folder), POOL),
        "no-requeue": True,
        "gpus-per-node": _gpus(fields) or None,
        **(fields["additional_parameters"] or {}),
    }
    return [
        f"--{name}" if value is True else f"--{name}={shlex.quote(str(value))}"
        for name, value in options.items()
        if value is not None and value is not False
    ]


def _gpus(fields: Mapping[str, Any]) -> int:
    """GPUs of one job: what each child wants, shared as hardware says."""
    return -(-fields["children_per_job"] * (fields["gpus_per_node"] or 0) // (fields["children_per_device"] or 1))


def slurm_time(minutes: float) -> str:
    """A limit as sbatch reads it."""
    seconds = round(60 * minutes)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def end_strays(folder: Path) -> None:
    """Ends jobs of an earlier driver of this run, which are of no use without it."""
    slurm, mark = Slurm(), run_mark(folder)
    strays = [
        job_id
        for job_id, seen in (slurm.queue() or {}).items()
        if seen.is_live and marked_label(seen.comment, mark) == POOL
    ]
    slurm.end(strays)
