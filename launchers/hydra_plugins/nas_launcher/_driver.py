"""One driver of a sweep, from the inside: a process that runs one job as Hydra would run it alone."""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import cloudpickle


def drive(payload: bytes, index: int, overrides: Sequence[str], output: Connection, result: Connection) -> None:
    """Runs one job of a sweep.

    Args:
        payload: the pickled Hydra context, task function, sweep configuration and singletons.
        index: the job's number.
        overrides: of this job.
        output: takes this process's output, which the launcher prints with the job's name before every line.
        result: takes the pickled `JobReturn` and, if the job failed, the reason.
    """
    _send_output_to(output)
    with suppress(OSError):
        os.setpgid(0, 0)
    threading.Thread(target=_stop_with_launcher, daemon=True).start()
    sys.argv = [sys.argv[0], *overrides]
    result.send_bytes(_pickled(*_run(payload, index, list(overrides))))


def _send_output_to(output: Connection) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    output.close()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)


def _stop_with_launcher() -> None:
    """A driver whose launcher is gone stops cleanly, as it does when the user stops it."""
    launcher = multiprocessing.parent_process()
    assert launcher is not None
    wait([launcher.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _run(payload: bytes, index: int, overrides: list[str]) -> tuple[Any, str | None]:
    from hydra.core.singleton import Singleton
    from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
    from omegaconf import open_dict

    hydra_context, task_function, sweep_config, singletons = pickle.loads(payload)
    Singleton.set_state(singletons)
    setup_globals()
    try:
        config = hydra_context.config_loader.load_sweep_config(sweep_config, overrides)
        with open_dict(config):
            config.hydra.job.id = str(index)
            config.hydra.job.num = index
        returned = run_job(
            hydra_context=hydra_context,
            task_function=task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
    except (SystemExit, KeyboardInterrupt) as error:
        code = error.code if isinstance(error, SystemExit) else signal.SIGINT.name
        returned = JobReturn(overrides=overrides, status=JobStatus.COMPLETED)
        if code in (None, 0):
            return returned, None
        return _failed(returned, f"it ended with exit code {code}")
    if returned.status is not JobStatus.FAILED:
        return returned, None
    raised = returned._return_value
    traceback.print_exception(raised)
    return _failed(returned, traceback.format_exception_only(raised)[-1].strip().splitlines()[0])


def _failed(returned: Any, reason: str) -> tuple[Any, str]:
    from hydra.core.utils import JobStatus
    from hydra.errors import CompactHydraException

    returned.status = JobStatus.FAILED
    returned.return_value = CompactHydraException(f"search {' '.join(returned.overrides)}: {reason}")
    return returned, reason


def _pickled(returned: Any, reason: str | None) -> bytes:
    """With the value that the job returned, where it can be pickled."""
    try:
        data: bytes = cloudpickle.dumps((returned, reason))
    except Exception:
        returned.return_value = None
        data = cloudpickle.dumps((returned, reason))
    return data
