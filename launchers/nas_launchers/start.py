"""Starts worker processes: from a fork server that has the heavy libraries loaded, by spawning where there is none."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from nas_launchers.worker import serve, thread_environment


class WorkerStarter:
    """Starts workers that are alike but for their environment.

    The fork server is Python's own, one for the whole driver: `preload` holds for the first pool that starts a worker.
    A plain fork is no choice, as it hangs once the driver has used OpenMP.
    """

    def __init__(self, preload: Sequence[str], threads: int | None) -> None:
        self._preload = [*preload]
        self._threads = threads
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context: BaseContext = multiprocessing.get_context(method)

    def start(self, environment: dict[str, str]) -> tuple[BaseProcess, Connection]:
        """A new worker and the driver's end of its connection; the worker may still be loading."""
        ours, theirs = self._context.Pipe()
        with _environment({**thread_environment(self._threads), **environment}), _no_main_module():
            if self._context.get_start_method() == "forkserver":
                self._start_fork_server()
            process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
                target=serve, args=(theirs, environment, self._threads), name="nas-worker", daemon=False
            )
            process.start()
        theirs.close()
        return process, ours

    def _start_fork_server(self) -> None:
        """Starts it if it does not run; with Ctrl-C blocked, which else would end it while it loads."""
        own = ("nas_launchers.loading_begins", "nas_launchers.loading_ends")
        self._context.set_forkserver_preload([own[0], *self._preload, own[1]])
        resource_tracker.ensure_running()  # before the block, which starting the tracker would lift
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        # The fork server does not take over our sys.path, and skips in silence what it cannot import.
        paths = os.pathsep.join(
            filter(None, [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH")])
        )
        try:
            with _environment({"PYTHONPATH": paths}):
                forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Keeps multiprocessing from running the driver's main module again in every worker.

    Calls are pickled by cloudpickle, which sends what lives in the main module along with them. So a search may be
    started from a script without a main guard, from a notebook, or by `python -m`, and workers need not load Hydra.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
