"""The contract of an executor: one function call is one job; a job that is lost fails alone, with a sentence."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class WorkerDied(RuntimeError):
    """The process that ran the function is gone and left no result; the message says by which signal or exit code."""


class Interrupted(WorkerDied):
    """The cluster took the job's node away: it was preempted, or its node failed. Nothing speaks against the call."""


class Lost(WorkerDied):
    """A cluster's job ended without a result, and nothing says that the call is to blame: it may be tried again."""


class OutOfMemory(WorkerDied):
    """The job used more memory than it had asked for; it would again."""


class TimedOut(RuntimeError):
    """The function ran longer than its limit and was ended; the message names the limit."""


class Cancelled(RuntimeError):
    """The job was cancelled by this driver."""


class SubmissionRefused(ValueError):
    """The cluster did not take the job; the message holds the words of its own command."""


class SubmissionDeferred(RuntimeError):
    """The cluster takes no job at the moment: a limit on jobs is reached, or its controller does not answer."""


class RemoteError(RuntimeError):
    """A function's exception whose own class cannot be used here: of a module that this process has not loaded, not
    picklable, or no `Exception`. It is raised as a subclass that has the original's name."""


class Job(Protocol):
    """One function call."""

    @property
    def id(self) -> str | None:
        """What the cluster calls the job; None where there is no such thing."""
        ...

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
        detached: True when jobs outlive the driver, see `DetachedExecutor`.
    """

    slots: int
    inline: bool
    detached: bool

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> Job:
        """Starts `fn(*args)`. Functions and arguments are pickled at once, functions of importable modules by name.

        Args:
            label: names the job within its run, where jobs can be found again.

        Raises:
            SubmissionRefused: the cluster did not take it.
            SubmissionDeferred: it may later.
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


class DetachedJob(Job, Protocol):
    """A job that the cluster keeps, whoever started it.

    Attributes:
        restarts: how often the cluster has started it again by itself, under the same id.
        ran_s: seconds that it has run since it was last started, as far as the cluster has said.
    """

    restarts: int
    ran_s: float


class DetachedExecutor(Executor, Protocol):
    """Jobs outlive the driver, and the next one takes them up again.

    Attributes:
        kind: the launcher's name, such as "submitit_slurm".
    """

    kind: str

    def attach(self, job_id: str, label: str = "") -> DetachedJob:
        """A job that an earlier driver of this run has submitted."""
        ...

    def end_strays(self, known: Sequence[str]) -> None:
        """Ends the run's jobs that are not in `known`: of a driver that died before it could write their ids down."""
        ...

    def forget(self, job: Any, keep_logs: bool = False) -> None:
        """Removes the files of a job that is done."""
        ...

    def detach(self) -> None:
        """Leaves all jobs to themselves."""
        ...
