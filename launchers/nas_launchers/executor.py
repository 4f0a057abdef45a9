"""The contract of an executor: one function call is one job; a job that is lost fails alone, with a sentence."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class WorkerDied(RuntimeError):
    """The process that ran the function is gone and left no result; the message says by which signal or exit code."""


class Lost(WorkerDied):
    """The job ended, or its node was lost, before the function was done."""


class TimedOut(RuntimeError):
    """The function ran longer than its limit and was ended; the message names the limit."""


class Cancelled(RuntimeError):
    """The job was cancelled by this driver."""


class SubmissionRefused(ValueError):
    """The cluster did not take the job; the message holds the words of its own command."""


class RemoteError(RuntimeError):
    """A function's exception whose own class cannot be used here: of a module that this process has not loaded, not
    picklable, or no `Exception`. It is raised as a subclass that has the original's name."""


class Job(Protocol):
    """One function call.

    Attributes:
        id: what the cluster calls the job; None where there is no such thing.
    """

    id: str | None

    def done(self) -> bool:
        """Whether the result, or the reason why there is none, is there. Does not wait."""
        ...

    def result(self) -> Any:
        """What the function returned; waits for it.

        Raises:
            Exception: the function's own one, with the remote traceback as its cause.
            WorkerDied: its process ended without a result.
            TimedOut: it ran into its limit.
            Cancelled: `cancel` came first.
        """
        ...

    def cancel(self) -> None:
        """Ends the job, running or not. Does nothing to one that is done."""
        ...


class Executor(Protocol):
    """Runs functions.

    Attributes:
        slots: how many jobs run at once; more may be submitted, they wait their turn.
        inline: True when `submit` runs the function itself, in this process.
    """

    slots: int
    inline: bool

    def submit(self, fn: Callable[..., Any], *args: Any) -> Job:
        """Starts `fn(*args)`. Functions and arguments are pickled at once, functions of importable modules by name.

        Raises:
            SubmissionRefused: the cluster did not take it.
        """
        ...

    def wait(self, jobs: Sequence[Any], timeout_s: float | None = None) -> None:
        """Returns as soon as one of the jobs is done, or after `timeout_s` seconds; at once when there are none."""
        ...

    def shutdown(self, cancel: bool = False) -> None:
        """Ends every process that the executor started; may be called twice.

        Args:
            cancel: ends running jobs too; otherwise waits for them.
        """
        ...
