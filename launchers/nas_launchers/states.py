"""What has become of jobs that were handed to submitit: asked of SLURM's squeue, or of the local processes."""

import os
import subprocess
import time
from collections.abc import Iterable
from typing import Any, Protocol

import psutil

LIVE = {
    "PENDING",
    "CONFIGURING",
    "RUNNING",
    "COMPLETING",
    "REQUEUED",
    "REQUEUE_HOLD",
    "REQUEUE_FED",
    "RESIZING",
    "RESV_DEL_HOLD",
    "SIGNALING",
    "SPECIAL_EXIT",
    "STAGE_OUT",
    "STOPPED",
    "SUSPENDED",
}
GONE = "GONE"
COMMAND_S = 60.0


class Backend(Protocol):
    """Where jobs run.

    Attributes:
        grace_s: how long after its end a job's result may still be on its way through the file system.
    """

    grace_s: float

    def states(self, handles: Iterable[Any]) -> dict[str, str] | None:
        """The state of each job by its id; None when nothing can be known at the moment."""
        ...

    def end(self, handles: Iterable[Any]) -> None:
        """Ends the jobs and waits until they are gone."""
        ...


class SlurmBackend:
    """Asks squeue, which tells the truth at once, also of ended and requeued jobs, and needs no accounting.

    It shows ended jobs for MinJobAge, 5 minutes unless a site changes it.
    """

    grace_s = 5.0
    interrupt_s = 2.0
    cancel_s = 60.0

    def states(self, handles: Iterable[Any]) -> dict[str, str] | None:
        lines = self._squeue("--states=all", "--format=%i|%T")
        if lines is None:
            return None
        known = dict(line.split("|", 1) for line in lines if "|" in line)
        return {handle.job_id: known.get(handle.job_id, GONE) for handle in handles}

    def end(self, handles: Iterable[Any]) -> None:
        ids = [handle.job_id for handle in handles]
        if not ids:
            return
        # Ctrl-C ends what runs at once. What is cancelled gets SIGTERM, which submitit's jobs ignore, so that each
        # would stay for the site's KillWait.
        _scancel("--signal=INT", "--state=RUNNING", *ids)  # for one that waits, scancel would try for a minute
        self._wait_until_gone(ids, self.interrupt_s)
        _scancel(*ids)
        self._wait_until_gone(ids, self.cancel_s)

    def _wait_until_gone(self, ids: list[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines = self._squeue("--format=%i|%T")
            if lines is not None and set(ids).isdisjoint(line.split("|")[0] for line in lines if "PENDING" not in line):
                return
            time.sleep(0.2)

    def _squeue(self, *options: str) -> list[str] | None:
        """All of the user's jobs in one call: asked for ids, squeue fails when it has forgotten one of them."""
        command = ["squeue", "--noheader", f"--user={os.getuid()}", *options]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        return [line.strip() for line in done.stdout.splitlines()]


def _scancel(*arguments: str) -> None:
    subprocess.run(["scancel", *arguments], capture_output=True, timeout=COMMAND_S, check=False)


class LocalBackend:
    """Asks the controller processes that submitit starts, one per job."""

    grace_s = 1.0

    def states(self, handles: Iterable[Any]) -> dict[str, str] | None:
        return {handle.job_id: handle.get_info()["jobState"] for handle in handles}

    def end(self, handles: Iterable[Any]) -> None:
        processes = []
        for handle in handles:
            if handle.get_info()["jobState"] == "RUNNING":
                processes += _tree(int(handle.job_id))
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=5.0)
        for handle in handles:
            handle.get_info()  # collects the exit code, so that no zombie stays


def _tree(pid: int) -> list[psutil.Process]:
    """A process and all below it; the process first, so that it cannot start another one."""
    try:
        parent = psutil.Process(pid)
        parent.suspend()
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
