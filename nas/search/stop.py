"""Ctrl-C and SIGTERM: stop cleanly at the first, at once at the second."""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

AGAIN_S = 5.0

logger = logging.getLogger(__name__)


class StopNow(BaseException):
    """Leaves whatever is being done; a BaseException, so that no evaluator's `except Exception` swallows it."""


class StopSwitch:
    """Turns signals into a request that the loop reads between two steps.

    Attributes:
        reason: the signal's name once one has come, else None.
        again: whether a second one has come.
        at_once: True while what is being done can be left at any point, such as an evaluation in this process.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.at_once = False
        self.again = False

    def request(self, reason: str) -> None:
        """Asks for a stop; while `at_once`, or the second time, raises `StopNow`."""
        again, self.reason = self.reason is not None, reason
        self.again = self.again or again
        if again or self.at_once:
            raise StopNow(reason)

    def wants_jobs_ended(self, jobs: int) -> bool:
        """Before jobs are left to themselves: whoever pressed Ctrl-C may do so again, to end them. SIGTERM, of which a
        cluster may send several, never ends any."""
        if self.reason == signal.SIGINT.name and not self.again:
            with suppress(StopNow):
                logger.warning("%d jobs go on; Ctrl-C again within %d s ends them", jobs, round(AGAIN_S))
                time.sleep(AGAIN_S)
        return self.again and self.reason == signal.SIGINT.name

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens to SIGINT and SIGTERM; does nothing outside the main thread, where Python allows no handlers."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        names = (signal.SIGINT, signal.SIGTERM)
        before = {name: signal.signal(name, self._handle) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.request(signal.Signals(number).name)


def let_go(executor: Any) -> None:
    """The driver leaves, whatever has happened: jobs that outlive it go on, everything else ends."""
    if executor.detached:
        executor.detach()
    executor.shutdown(cancel=True)
