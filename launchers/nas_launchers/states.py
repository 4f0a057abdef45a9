"""What has become of jobs, in SLURM's words; a `Backend` says it, of SLURM or of this machine's processes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

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
INTERRUPTED = {"PREEMPTED", "NODE_FAIL", "BOOT_FAIL", "REVOKED"}
TIMED_OUT = {"TIMEOUT", "DEADLINE"}
OUT_OF_MEMORY = "OUT_OF_MEMORY"
GONE = "GONE"


@dataclass(frozen=True, slots=True)
class Seen:
    """One job in the cluster's queue.

    Attributes:
        state: SLURM's long word, or GONE for a job that nobody knows any more.
        reason: why it waits, where SLURM says so.
        restarts: how often SLURM has started it again by itself.
        ran_s: seconds since it was last started.
        comment: see `nas_launchers.mark`.
    """

    state: str
    reason: str = ""
    restarts: int = 0
    ran_s: float = 0.0
    comment: str = ""

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class Backend(Protocol):
    """Where jobs run."""

    def queue(self) -> dict[str, Seen] | None:
        """The user's jobs by id, those that ended lately too; None when nothing can be known at the moment."""
        ...

    def ended(self, ids: Sequence[str]) -> dict[str, Seen]:
        """What is known of jobs that the queue has no more, apart from those of which more may be known soon."""
        ...

    def end(self, ids: Iterable[str], wait: bool = True) -> None:
        """Ends jobs; with `wait`, returns when they are gone."""
        ...

    def started(self, handle: Any) -> None:
        """Takes note of a job that was submitted just now."""
        ...

    def forget(self, job_id: str) -> None:
        """Nobody asks for the job any more."""
        ...
