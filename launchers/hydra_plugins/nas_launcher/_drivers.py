"""The drivers of one sweep: starts them, relays their lines and the user's signals, gathers how they ended."""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

import cloudpickle
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import CompactHydraException
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.nas_launcher._driver import drive
from nas_launchers.death import how_it_ended
from omegaconf import DictConfig

LABEL_CHARACTERS = 40
RELAY_S = 5.0


class Driver:
    """One driver's process and what it has left.

    Attributes:
        label: what tells it from the others.
        returned: how it ended; None while it runs.
    """

    def __init__(self, index: int, overrides: Sequence[str], label: str) -> None:
        self.index = index
        self.overrides = list(overrides)
        self.label = label
        self.returned: JobReturn | None = None
        self.failure: str | None = None
        self._process: SpawnProcess | None = None
        self._result: Connection | None = None
        self._relay: threading.Thread | None = None

    @property
    def sentinel(self) -> int:
        assert self._process is not None
        return self._process.sentinel

    def start(self, payload: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        lines, output = context.Pipe(duplex=False)
        self._result, result = context.Pipe(duplex=False)
        self._process = context.Process(target=drive, args=(payload, self.index, self.overrides, output, result))
        self._process.start()
        output.close()
        result.close()
        self._relay = threading.Thread(target=self._relay_lines, args=(lines,), daemon=True)
        self._relay.start()

    def signal(self, number: int) -> None:
        if self._process is not None and self._process.pid is not None and self.returned is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def finish(self) -> None:
        """Takes what a driver that has ended has left."""
        assert self._process is not None
        assert self._result is not None
        assert self._relay is not None
        try:
            self.returned, self.failure = pickle.loads(self._result.recv_bytes())
        except EOFError:
            self._process.join()
            self.fail(how_it_ended(self._process.exitcode))
        self._process.join()
        self._relay.join(RELAY_S)
        self._result.close()

    def fail(self, reason: str) -> None:
        self.failure = reason
        self.returned = JobReturn(overrides=self.overrides, status=JobStatus.FAILED)
        self.returned.return_value = CompactHydraException(f"search {self.label}: {reason}")

    def _relay_lines(self, lines: Connection) -> None:
        with open(lines.fileno(), "rb", closefd=False) as file:
            for line in file:
                print(f"[{self.label}] {line.decode(errors='replace').rstrip()}", flush=True)
        lines.close()


class Drivers:
    """All drivers of one sweep, or of one batch of it."""

    def __init__(
        self,
        hydra_context: HydraContext,
        task_function: TaskFunction,
        config: DictConfig,
        job_overrides: Sequence[Sequence[str]],
        first_index: int,
    ) -> None:
        labels = short_labels(job_overrides, first_index)
        self._drivers = [
            Driver(first_index + position, overrides, label)
            for position, (overrides, label) in enumerate(zip(job_overrides, labels, strict=True))
        ]
        self._payload: bytes = cloudpickle.dumps((hydra_context, task_function, config, Singleton.get_state()))
        self._stopped_by: str | None = None

    def run(self, at_once: int) -> list[JobReturn]:
        """Runs them all, so many at once; a signal goes to those that run, and no other one is started."""
        waiting, running = list(self._drivers), list[Driver]()
        with self._relaying_signals():
            while running or waiting:
                while waiting and len(running) < at_once and self._stopped_by is None:
                    running.append(waiting.pop(0))
                    running[-1].start(self._payload)
                if not running:
                    break
                ended = wait([driver.sentinel for driver in running])
                for driver in [driver for driver in running if driver.sentinel in ended]:
                    driver.finish()
                    running.remove(driver)
        for driver in waiting:
            driver.fail(f"not started, as {self._stopped_by} came first")
        return [driver.returned for driver in self._drivers if driver.returned is not None]

    def summary(self) -> str:
        """A line on the whole, and one for each that failed."""
        failed = [driver for driver in self._drivers if driver.failure is not None]
        total = len(self._drivers)
        if not failed:
            return f"{total} of {total} searches ended well"
        lines = [f"  {' '.join(driver.overrides) or driver.label}: {driver.failure}" for driver in failed]
        return "\n".join([f"{len(failed)} of {total} searches failed:", *lines])

    @contextmanager
    def _relaying_signals(self) -> Iterator[None]:
        """Drivers lead groups of their own: a Ctrl-C in the terminal reaches each of them once, by way of here."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._relay_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _relay_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopped_by = signal.Signals(number).name
        for driver in self._drivers:
            driver.signal(number)


def short_labels(job_overrides: Sequence[Sequence[str]], first_index: int) -> list[str]:
    """A short name for each job: its number, and the overrides that not all jobs share."""
    shared = set(job_overrides[0]).intersection(*job_overrides[1:]) if job_overrides else set()
    labels = []
    for position, overrides in enumerate(job_overrides):
        own = " ".join(override for override in overrides if override not in shared)
        label = f"{first_index + position} {own}".strip()
        labels.append(label if len(label) <= LABEL_CHARACTERS else f"{label[: LABEL_CHARACTERS - 1]}…")
    return labels
