"""Many children per SLURM job, for children of seconds: Dask brings each to a slot that is free, at once.

Dask (distributed, dask-jobqueue) starts the jobs, carries calls and outcomes and notices lost connections; each slot is
a process of its own (`packed_worker`). Ours is only what Dask leaves out: a job that ends, before its worker has
connected or after, is replaced; one that nears its limit is drained and replaced ahead; and what a lost worker was at
is lost at once, instead of running again elsewhere behind the driver's back.

Jobs end with their driver, as workers without a scheduler close; what was in flight is begun again by the next driver.
"""

import gc
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import cloudpickle

from nas_launchers.executor import Cancelled, Lost, SubmissionRefused, TimedOut, WorkerDied
from nas_launchers.fields import completed
from nas_launchers.packed_fields import check
from nas_launchers.remote import outcome
from nas_launchers.slurm import Slurm
from nas_launchers.states import GONE, LIVE, Seen
from nas_launchers.submission import OWN_PATH

LOOK_S = 1.0
SUBMISSION_S = 60.0
END_S = 60.0
STARTS = 3  # so many jobs in a row that end before their worker connects fail the children that wait for them
DRAINING = ("paused", "closing", "closing_gracefully")
DASK = {
    "distributed.scheduler.allowed-failures": 0,  # a lost child is the search's to count and to begin again
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.admin.event-loop": "asyncio",
    "distributed.logging.distributed": "critical",
}


class PackedJob:
    """A call in Dask's hands."""

    id: str | None = None

    def __init__(self, future: "Future[bytes]", executor: "PackedExecutor") -> None:
        self._future = future
        self._executor = executor
        self._error: Exception | None = None

    def done(self) -> bool:
        return self._error is not None or self._future.done()

    def result(self) -> Any:
        self._executor.wait([self], None)
        if self._error is not None:
            raise self._error
        try:
            data = self._future.result()
        except CancelledError:
            raise Lost("the packed job that ran it is gone, and its connection with it") from None
        except (WorkerDied, TimedOut):
            raise
        except Exception as error:
            raise Lost(f"the packed job that ran it ended or lost its connection ({type(error).__name__})") from error
        return outcome(data)

    def cancel(self) -> None:
        self.end(Cancelled("it was cancelled"))

    def end(self, error: Exception) -> None:
        """Gives it up for a reason, unless it is done; its slot ends what it is at."""
        if not self.done():
            self._error = error
            self._future.cancel()


class PackedExecutor:
    """Slots in jobs that `hydra/launcher=slurm_packed` describes; the jobs are submitted with the first call.

    Args:
        node: fields of conf/hydra/launcher/slurm_packed.yaml.
        folder: the run folder; logs of jobs go to `folder/jobs`.
        slots: children at once.
        threads: of numerical libraries in each slot; None leaves their own default.
        devices_per_slot: GPUs that each slot gets for its own, where its job has any.
        use_gpus: whether slots are given GPUs.
        preload: modules that slots start with.
        paths: folders that jobs need on PYTHONPATH.

    Raises:
        ValueError: a field is unknown or out of range, there is no sbatch, or the extra `cluster` is not installed.
    """

    inline = False
    detached = False
    kind = "slurm_packed"

    def __init__(
        self,
        node: Mapping[str, Any],
        *,
        folder: Path,
        slots: int,
        threads: int | None = 1,
        devices_per_slot: int = 1,
        use_gpus: bool = True,
        preload: Sequence[str] = (),
        paths: Sequence[str | Path] = (),
    ) -> None:
        self._fields = completed(self.kind, node)
        check(self._fields)
        self.slots = slots
        self._folder = folder
        self._paths = [OWN_PATH, *(str(Path(path).resolve()) for path in paths)]
        self._jobs_wanted = -(-slots // self._fields["children_per_job"])
        self._slot_options: dict[str, Any] = {
            "threads": threads,
            "devices_per_slot": devices_per_slot,
            "use_gpus": use_gpus,
            "preload": preload,
        }
        self._cluster: Any = None
        self._client: Any = None
        self._calls: Any = None
        self._open: list[PackedJob] = []
        self._news = threading.Event()
        self._next_look_s = 0.0
        self._starts_left = STARTS
        self._slurm = Slurm()

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> PackedJob:
        payload = cloudpickle.dumps((fn, args))
        if self._cluster is None:
            self._start()
        from nas_launchers.packed_worker import run_in_slot

        future = self._calls.submit(run_in_slot, payload)
        job = PackedJob(future, self)
        self._open.append(job)
        future.add_done_callback(lambda _: self._news.set())
        return job

    def wait(self, jobs: Sequence[PackedJob], timeout_s: float | None = None) -> None:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while jobs:
            self._news.clear()
            self._look_after_jobs()
            if any(job.done() for job in jobs):
                return
            left = LOOK_S if deadline is None else min(LOOK_S, deadline - time.monotonic())
            if left <= 0:
                return
            self._news.wait(left)

    def shutdown(self, cancel: bool = False) -> None:
        while self._cluster is not None and not cancel and (left := [job for job in self._open if not job.done()]):
            self.wait(left, None)
        for job in self._open:
            job.end(Cancelled("the executor was shut down"))
        self._open = []
        if self._cluster is None:
            return
        handles = self._handles(self._cluster.workers)
        self._client.close()
        self._cluster.close()
        self._cluster = self._client = self._calls = None
        end = time.monotonic() + END_S
        while time.monotonic() < end and self._in(LIVE, handles) != []:
            time.sleep(0.1)
        del handles
        gc.collect()  # with the cluster goes the key of its certificate, a temporary file in the run folder

    def _start(self) -> None:
        import dask
        from distributed import Client

        from nas_launchers.packed_jobs import MARGIN_S, end_strays, make_cluster
        from nas_launchers.packed_worker import Slots

        dask.config.set(DASK)
        end_strays(self._folder)
        limit_s = 60.0 * self._fields["timeout_min"]
        self._cluster = make_cluster(self._fields, self._folder, self._paths)
        self._client = Client(self._cluster, set_as_default=False)
        drain_after_s = 60.0 * self._fields["walltime_min"] - limit_s - MARGIN_S
        self._client.register_plugin(Slots(**self._slot_options, limit_s=limit_s, drain_after_s=drain_after_s))
        self._calls = self._client.get_executor(pure=False, retries=0)
        self._cluster.scale(jobs=self._jobs_wanted)
        end = time.monotonic() + SUBMISSION_S
        while len(self._cluster.workers) < self._jobs_wanted and time.monotonic() < end:
            time.sleep(0.02)
        refusals = [job.refusal for job in self._cluster.workers.values() if job.refusal is not None]
        if refusals:
            self.shutdown(cancel=True)
            raise SubmissionRefused(f"sbatch refused the job: {refusals[0]}")

    def _handles(self, jobs: Mapping[str, Any]) -> list[Any]:
        return [job for job in jobs.values() if job.job_id is not None]

    def _in(self, wanted: Container[str], handles: Sequence[Any]) -> list[Any] | None:
        """The jobs that are in one of these states; None when SLURM does not answer."""
        queue = self._slurm.queue() if handles else {}
        return None if queue is None else [job for job in handles if queue.get(job.job_id, Seen(GONE)).state in wanted]

    def _look_after_jobs(self) -> None:
        """Replaces jobs that have ended, and those whose workers drain, once a second at most."""
        now = time.monotonic()
        if self._cluster is None or now < self._next_look_s:
            return
        self._open = [job for job in self._open if not job.done()]
        cluster, jobs = self._cluster, dict(self._cluster.workers)
        live = self._in(LIVE - {"COMPLETING"}, self._handles(jobs))
        self._next_look_s = time.monotonic() + LOOK_S
        if live is None:
            return
        alive = {job.name for job in live}
        connected = {worker.name: worker.status.name for worker in list(cluster.scheduler.workers.values())}
        for name, job in jobs.items():
            if name in connected:
                job.has_connected, self._starts_left = True, STARTS
            elif name not in alive and cluster.workers.pop(name, None) is not None:
                cluster.worker_spec.pop(name, None)
                cluster.loop.add_callback(job.close)
                if not job.has_connected:
                    self._starts_left -= 1
                    self._fail_if_hopeless(job)
        draining = sum(connected.get(name) in DRAINING for name in list(cluster.worker_spec))
        if self._open:
            cluster.scale(jobs=max(len(cluster.worker_spec), self._jobs_wanted + draining))

    def _fail_if_hopeless(self, job: Any) -> None:
        if self._starts_left > 0:
            return
        self._starts_left = STARTS
        why = f"sbatch refused it: {job.refusal}" if job.refusal else f"the end of its log: {self._last_words(job)}"
        for waiting in self._open:
            waiting.end(Lost(f"{STARTS} packed jobs in a row ended before their worker was up; {why}"))

    def _last_words(self, job: Any) -> str:
        path = self._folder.resolve() / "jobs" / f"{job.job_id}_pool.log"
        with suppress(OSError):
            lines = path.read_text(errors="replace").strip().splitlines()
            if lines:
                return f"{lines[-1]} ({path})"
        return f"it wrote no log {path}"
