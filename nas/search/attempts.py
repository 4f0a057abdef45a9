"""How often a child is tried again whose attempt ended without a result, and why.

Where the cluster is to blame (preemption, a failed node, a requeued job) the papers' searches went on for as long as it
took; a bound of `max_interruptions` keeps a child from doing so for ever. An end without any reason may lie in the
child, so it is tried `max_attempts` times in all. A time limit counts only where no epoch was completed.
"""

from dataclasses import dataclass
from enum import StrEnum

from nas_launchers.executor import Interrupted, Lost, TimedOut

from nas.errors import UserError


class Cause(StrEnum):
    """What ended an attempt, as the journal has it."""

    STOPPED = "stopped"
    INTERRUPTION = "interruption"
    LOST = "lost"
    TIMEOUT = "timeout"


@dataclass(slots=True)
class Setbacks:
    """What has ended attempts at one child.

    Attributes:
        interruptions: the cluster took the job's node away, or started the job again.
        losses: ends without a result and without a reason.
        restarts: of the present job, as far as they are counted.
    """

    interruptions: int = 0
    losses: int = 0
    restarts: int = 0

    def add(self, cause: str) -> None:
        self.restarts = 0
        self.interruptions += cause == Cause.INTERRUPTION
        self.losses += cause == Cause.LOST

    def restarted(self, restarts: int) -> None:
        """The present job was started again for the `restarts`-th time."""
        self.interruptions += restarts - self.restarts
        self.restarts = restarts


@dataclass(frozen=True, kw_only=True)
class Patience:
    """
    Attributes:
        max_attempts: attempts at a child of which each ends without a result and without a reason.
        max_interruptions: ends that are the cluster's doing.
    """

    max_attempts: int = 3
    max_interruptions: int = 50

    def __post_init__(self) -> None:
        for name, least in (("max_attempts", 1), ("max_interruptions", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise UserError(f"{name} is {value!r}, it must be a whole number of at least {least}")

    def cause(self, error: BaseException, setbacks: Setbacks, progressed: bool) -> Cause | None:
        """Why the child is tried again; None if the error is its end.

        Args:
            error: what the executor raised.
            setbacks: those before this one.
            progressed: whether this attempt has completed an epoch.
        """
        if isinstance(error, Interrupted):
            return Cause.INTERRUPTION if setbacks.interruptions < self.max_interruptions else None
        if isinstance(error, Lost):
            return Cause.LOST if setbacks.losses + 1 < self.max_attempts else None
        if isinstance(error, TimedOut):
            return Cause.TIMEOUT if progressed else None
        return None

    def sign(self, error: BaseException) -> None:
        """Names the bound in the first line of an error that is a child's end because of it."""
        words = {
            Interrupted: f"interrupted more than max_interruptions={self.max_interruptions} times",
            Lost: f"all of max_attempts={self.max_attempts} attempts ended so",
            TimedOut: "without having completed an epoch",
        }
        for kind, bound in words.items():
            if isinstance(error, kind):
                first, *rest = str(error).splitlines()
                error.args = ("\n".join([f"{first} ({bound})", *rest]),)
