"""One attempt at one child, in the process that evaluates it: the folder, the log, the result file."""

import faulthandler
import json
import math
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nas.evaluators.base import Evaluator, Metrics, Task
from nas.training import files
from nas.training.job import task_rank
from nas.whole_file import draft_of

RESULT_FILE = "result.json"
LOG_FILE = "log"
WEIGHTS_FILE = "weights.pt"
CHECKPOINT_FILE = files.CHECKPOINT_FILE  # an attempt that leaves it has completed an epoch
SUPERSEDED_FILE = "superseded"  # there is a later attempt: this one must not begin
SEALED_FILE = "sealed.json"  # beside the attempts: read by final reports alone, see `nas.search.sealed`


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt brought.

    Attributes:
        metrics: the evaluator's metrics as plain scalars, and `queue_s` where it is known.
        device_s: seconds that the attempt held its devices, times their number.
        provenance: where it ran.
    """

    metrics: Metrics
    device_s: float
    provenance: dict[str, Any] = field(default_factory=dict)


def run_child(evaluator: Evaluator, task: Task, capture_log: bool, submitted: float | None = None) -> Outcome:
    """Evaluates the task; where it has a folder, leaves `result.json` there, written whole or not at all.

    In a job of several tasks each of them calls this. All return the outcome, rank 0 alone leaves it; the others write
    logs of their own.

    Args:
        evaluator: what measures.
        task: the attempt; its folder exists.
        capture_log: sends this process's output to the folder's `log` meanwhile.
        submitted: when it was handed to whoever runs it, in UTC seconds. The metrics then have `queue_s`, how long it
            waited from that moment until now: by the clocks of two machines, so never below 0. Of a job that the
            cluster has started again by itself, until the last start.
    """
    start = time.perf_counter()
    waited = {} if submitted is None else {"queue_s": round(max(0.0, time.time() - submitted), 6)}
    if task.folder is None:
        metrics = plain_scalars(evaluator.evaluate(task)) | waited
        return Outcome(metrics, round(time.perf_counter() - start, 6))
    if (task.folder / SUPERSEDED_FILE).exists():
        raise RuntimeError(f"attempt {task.attempt} of child {task.number} came too late: there is a later one")
    rank = task_rank()
    log = task.folder / (LOG_FILE if rank == 0 else f"{LOG_FILE}.rank{rank}")
    with _log(log) if capture_log else _no_log():
        metrics = plain_scalars(evaluator.evaluate(task))
    outcome = Outcome(
        metrics | waited,
        device_s=round((time.perf_counter() - start) * evaluator.devices, 6),
        provenance={"host": socket.gethostname(), **evaluator.provenance()},
    )
    if rank == 0:
        write_json(task.folder / RESULT_FILE, asdict(outcome))
        _remove_checkpoints(task.folder)
    return outcome


def _remove_checkpoints(folder: Path) -> None:
    """Removes what only a further attempt would need, unfinished drafts too."""
    for name in (CHECKPOINT_FILE, files.REPEATS_FILE):
        for path in folder.glob(f"{name}*"):
            path.unlink(missing_ok=True)


def read_outcome(folder: Path) -> Outcome | None:
    """The outcome that an attempt left in its folder, if it got that far."""
    try:
        return Outcome(**json.loads((folder / RESULT_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_json(path: Path, data: Any) -> None:
    """Writes a JSON file whole or not at all."""
    content = json.dumps(data, sort_keys=True, allow_nan=False)
    with draft_of(path) as draft:
        draft.write_text(content)


def plain_scalars(metrics: Metrics) -> Metrics:
    """Metrics as a journal holds them: plain scalars; what is not finite becomes None.

    Raises:
        TypeError: a metric is no scalar.
    """
    return {name: _plain_scalar(name, value) for name, value in metrics.items()}


def _plain_scalar(name: str, value: Any) -> Any:
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) in (int, str, bool, type(None)):
        return value
    if hasattr(value, "item"):  # numpy and torch scalars
        with suppress(ValueError, RuntimeError):  # arrays of several values
            return _plain_scalar(name, value.item())
    raise TypeError(f"the metric {name!r} is {value!r}, it must be a number, a string, a truth value or None")


@contextmanager
def _no_log() -> Iterator[None]:
    yield


@contextmanager
def _log(path: Path) -> Iterator[None]:
    """Sends the output of this process to a file, also what libraries and crashes write below Python."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(file, 1)
        os.dup2(file, 2)
        faulthandler.enable(file)
        yield
    finally:
        faulthandler.disable()
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, target in zip(saved, (1, 2), strict=True):
            os.dup2(descriptor, target)
            os.close(descriptor)
        os.close(file)
