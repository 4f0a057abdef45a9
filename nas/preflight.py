"""Before a cluster gets the first child: one job with a child's own resources finds out whether children can run there.

What is wrong is told in one sentence, instead of by a hundred failed children.
"""

import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cloudpickle
from nas_launchers.executor import Interrupted, RemoteError, SubmissionRefused, TimedOut, WorkerDied
from nas_launchers.whereabouts import exit_code_of, node_of

from nas.errors import UserError
from nas.preflight_job import Expected, answer_path, check_node
from nas.search import provenance
from nas.search.identity import identity_of
from nas.search.stop import StopNow, StopSwitch
from nas.training.hardware import Hardware

LABEL = "preflight:1"  # of its job, beside those of children, which are NUMBER:ATTEMPT
WAIT_S = 0.5
FILES_S = 30.0  # a file may take so long from one machine of a network file system to another
SLURMS_OWN = ("srun:", "slurmstepd:")  # lines that say what the lines before have said better
SIGNAL_SLACK_S = 60  # SLURM may send a signal so much earlier than it was asked to


class PreflightFailed(UserError, SubmissionRefused):
    """Children would fail. No job is submitted, as if the cluster had refused it."""


def check_launcher(kind: str, node: Mapping[str, Any], hardware: Hardware) -> None:
    """Finds what is wrong with the fields of a launcher of submitit's without asking SLURM.

    Raises:
        UserError: jobs would have another number of tasks than a child has processes, or would be told to end as soon
            as they begin.
    """
    if kind not in ("submitit_slurm", "submitit_local"):
        return
    given = {name: node.get(name) or 1 for name in ("tasks_per_node", "nodes")}
    wanted = {"tasks_per_node": hardware.devices, "nodes": hardware.nodes}
    for name, value in given.items():
        if value != wanted[name]:
            key = {"tasks_per_node": "devices", "nodes": "nodes"}[name]
            raise UserError(
                f"hydra.launcher.{name} is {value}, it must be hardware.{key}, which is {wanted[name]}: every device "
                "of a child has a task of its own"
            )
    if kind == "submitit_local":
        return
    limit_min, delay_s = node.get("timeout_min"), node.get("signal_delay_s")
    if limit_min is not None and delay_s is not None and limit_min * 60 <= delay_s + SIGNAL_SLACK_S:
        raise UserError(
            f"hydra.launcher.timeout_min is {limit_min}, so that submitit would tell a job to end when it begins: "
            f"timeout_min x 60 must be above signal_delay_s + {SIGNAL_SLACK_S}, which is {delay_s + SIGNAL_SLACK_S}"
        )


class Preflighted:
    """An executor of SLURM jobs that looks around before the first job of its session.

    So what an earlier session left running is taken up first, and a session that submits nothing has no preflight.

    Args:
        executor: whose jobs look around, and run.
        folder: of the run; it exists.
        hardware: what a child wants.
        say: is told how far the preflight is.
        parts: what nodes will be sent, an evaluator or a retraining.
        data: what of it holds the data; its identity must be the same there.
    """

    def __init__(
        self, executor: Any, folder: Path, hardware: Hardware, say: Callable[[str], None], *, parts: Any, data: Any
    ) -> None:
        self._executor, self._folder, self._hardware, self._say = executor, folder.resolve(), hardware, say
        self._parts, self._data = parts, data
        self._passed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    def submit(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As the executor does it.

        Raises:
            PreflightFailed: children would fail; the sentence says why, and on which node.
            StopNow: a signal came while the preflight waited; its job is cancelled.
        """
        if not self._passed:
            self._look_around()
            self._passed = True
        return self._executor.submit(fn, *args, **options)

    def _look_around(self) -> None:
        hardware = self._hardware
        expected = Expected(
            parts=_pickled(self._parts, self._data),
            identity=identity_of(self._data),
            versions=provenance.versions(),
            question=self._folder / f"preflight-{secrets.token_hex(8)}",
            secret=secrets.token_hex(8),
            hardware=hardware,
            trains=hasattr(self._parts, "hardware"),
            tasks=hardware.devices * hardware.nodes,
        )
        try:
            _ask(expected)
            node = self._asked_node(expected)
            while node is None:
                node = self._asked_node(expected)
            _compare(expected, node)
        finally:
            for path in self._folder.glob(f"{expected.question.name}*"):
                path.unlink(missing_ok=True)
        self._say(f"preflight: node {node} is ready")

    def _asked_node(self, expected: Expected) -> str | None:
        """None if the cluster took the node away, which says nothing about it."""
        stop = StopSwitch()
        try:
            with stop.listening():
                job = self._executor.submit(check_node, expected, label=LABEL)
                try:
                    self._say(
                        f"preflight: job {job.id} is queued and will look at a node before the first child; Ctrl-C "
                        "cancels it"
                    )
                    stop.at_once = True
                    if stop.reason is not None:
                        raise StopNow(stop.reason)
                    return _answer(job, self._folder)
                except Interrupted:
                    return None
                finally:
                    stop.at_once = False
                    job.cancel()
                    self._executor.forget(job)
        except StopNow:
            assert stop.reason is not None
            signal.raise_signal(signal.Signals[stop.reason])  # for whoever listened before
            raise


def _answer(job: Any, folder: Path) -> str:
    """Waits for the job, and says what its end means."""
    try:
        node: str = job.result()
    except UserError as error:
        raise PreflightFailed(str(error)) from error
    except TimedOut as error:
        raise PreflightFailed(f"the preflight did not end: {error}; hardware.timeout_min is too small") from error
    except Interrupted:
        raise
    except WorkerDied as error:
        raise PreflightFailed(_death(job.id, folder, str(error).splitlines()[0])) from error
    except RemoteError as error:
        raise PreflightFailed(
            f"the preflight's job {job.id}{_on_node(job.id)} could not begin: {error}; nodes must see the driver's "
            "Python environment, see setup and python of hydra/launcher"
        ) from error
    return node


def _death(job_id: str, folder: Path, words: str) -> str:
    logs = [path.read_text(errors="replace") for path in sorted((folder / "jobs").rglob(f"{job_id}_*_log.*"))]
    lines = [line.strip() for text in logs for line in text.splitlines() if line.strip()]
    if lines:
        own = [line for line in lines if not line.startswith(SLURMS_OWN)]
        return f"the preflight failed{_on_node(job_id)}: {own[-1]} ({words})" if own else f"the preflight: {words}"
    code = exit_code_of(job_id)
    return (
        f"the preflight's job {job_id} ended{_on_node(job_id)} before it wrote anything"
        f"{f' (exit code {code})' if code else ''}: most likely that node cannot see the run folder {folder}, which "
        "must lie on a file system that all nodes share (runs_dir=PATH)"
    )


def _on_node(job_id: str) -> str:
    node = node_of(job_id)
    return f" on node {node}" if node else ""


def _pickled(parts: Any, data: Any) -> bytes:
    try:
        pickled: bytes = cloudpickle.dumps((parts, data))
    except Exception as error:
        name = type(parts).__name__
        raise PreflightFailed(
            f"{name} cannot be pickled, so that no job can have it ({type(error).__name__}: {error}): its fields must "
            "be plain values, or functions and objects of importable modules"
        ) from error
    return pickled


def _ask(expected: Expected) -> None:
    try:
        with expected.question.open("x") as file:
            file.write(expected.secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PreflightFailed(f"{expected.question.parent} cannot be written: {error.strerror}") from error


def _compare(expected: Expected, node: str) -> None:
    """Every task has answered in the run folder."""
    deadline = time.monotonic() + FILES_S
    answers = [answer_path(expected.question, rank) for rank in range(expected.tasks)]
    while [path for path in answers if _text(path) != expected.secret]:
        if time.monotonic() > deadline:
            raise PreflightFailed(
                f"what node {node} writes into {expected.question.parent} cannot be seen here: put the run on a file "
                "system that all nodes share, with runs_dir=PATH"
            )
        time.sleep(WAIT_S)


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
