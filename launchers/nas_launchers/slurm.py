"""SLURM's own commands, asked for jobs: squeue first, then sacct for what squeue has forgotten.

squeue tells the truth at once, also of requeued jobs, in 15 ms, and shows jobs for MinJobAge after their end, 5 minutes
unless a site changes it. sacct lags behind by seconds, and some sites have no accounting.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterable, Sequence
from typing import Any

from nas_launchers.states import GONE, LIVE, Seen

COMMAND_S = 60.0
INTERRUPT_S = 2.0
CANCEL_S = 90.0
PATIENCE_S = 600.0  # with a sacct that fails; then the job counts as gone
RECENT_S = 120.0  # failures further apart are not the same one
FIELDS = {"JobArrayID": 32, "State": 20, "RestartCnt": 8, "TimeUsed": 20, "Reason": 64, "Comment": 128}  # widths
NO_ACCOUNTING = "accounting storage is disabled"


class Slurm:
    """The user's jobs on the cluster that SLURM's commands find."""

    def __init__(self) -> None:
        self._failing_since: float | None = None
        self._failed_s = 0.0

    def queue(self) -> dict[str, Seen] | None:
        """All of the user's jobs in one call: asked for ids, squeue fails when it has forgotten one of them."""
        lines = self._squeue(
            "--states=all", f"--Format={','.join(f'{name}:{width}|' for name, width in FIELDS.items())}"
        )
        if lines is None:
            return None
        rows = ([part.strip() for part in line.split("|", len(FIELDS) - 1)] for line in lines)
        return {row[0]: _seen(*row[1:]) for row in rows if len(row) == len(FIELDS)}

    def ended(self, ids: Sequence[str]) -> dict[str, Seen]:
        """By sacct. A job that it does not know is gone; while sacct fails, nothing is said for up to 10 minutes."""
        if not ids:
            return {}
        command = ["sacct", "--noheader", "--parsable2", "--allocations", "--format=JobID,State,ElapsedRaw"]
        done = _run([*command, f"--jobs={','.join(ids)}"])
        if done is None or done.returncode != 0:
            if done is not None and NO_ACCOUNTING in done.stderr:
                return dict.fromkeys(ids, Seen(GONE))
            return {} if self._may_wait() else dict.fromkeys(ids, Seen(GONE))
        self._failing_since = None
        found = dict.fromkeys(ids, Seen(GONE))
        for line in done.stdout.splitlines():
            job_id, state, elapsed = line.split("|")[:3]
            if job_id in found:
                found[job_id] = Seen(state.split(" ")[0], ran_s=float(elapsed or 0))  # "CANCELLED by 0"
        # A job that runs is in squeue; sacct is late, and will say how it ended.
        return {job_id: seen for job_id, seen in found.items() if seen.state not in LIVE or not self._may_wait()}

    def end(self, ids: Iterable[str], wait: bool = True) -> None:
        """Ctrl-C ends what runs at once. What is cancelled gets SIGTERM, which submitit's jobs ignore, so that each
        would stay for the site's KillWait."""
        wanted = list(ids)
        if not wanted:
            return
        _run(["scancel", "--signal=INT", "--state=RUNNING", *wanted])  # to one that waits it would try for a minute
        if wait:
            self._wait_until_gone(wanted, INTERRUPT_S)
        _run(["scancel", *wanted])
        if wait:
            self._wait_until_gone(wanted, CANCEL_S)

    def started(self, handle: Any) -> None:
        """SLURM knows it."""

    def forget(self, job_id: str) -> None:
        """SLURM forgets by itself."""

    def _may_wait(self) -> bool:
        """Whether what sacct said last is taken for a failure of its own, which will pass."""
        now = time.monotonic()
        if self._failing_since is None or now - self._failed_s > RECENT_S:
            self._failing_since = now
        self._failed_s = now
        return now - self._failing_since < PATIENCE_S

    def _wait_until_gone(self, ids: list[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self.queue()
            if seen is not None and not any(job_id in seen and _runs(seen[job_id]) for job_id in ids):
                return
            time.sleep(0.2)

    def _squeue(self, *options: str) -> list[str] | None:
        done = _run(["squeue", "--noheader", f"--user={os.getuid()}", *options])
        if done is None or done.returncode != 0:
            return None
        return [line.strip() for line in done.stdout.splitlines()]


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return None


def _runs(seen: Seen) -> bool:
    return seen.is_live and seen.state != "PENDING"


def _seen(state: str, restarts: str, used: str, reason: str, comment: str) -> Seen:
    return Seen(
        state, reason, int(restarts) if restarts.isdigit() else 0, seconds_of(used), comment.removesuffix("|").rstrip()
    )


def seconds_of(used: str) -> float:
    """Seconds of SLURM's `[days-][[hours:]minutes:]seconds`; 0 for anything else, such as INVALID."""
    match = re.fullmatch(r"(?:(\d+)-)?(?:(?:(\d+):)?(\d+):)?(\d+)", used)
    if match is None:
        return 0.0
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
