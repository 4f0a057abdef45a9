"""Waiting longer and longer for a cluster that takes no more jobs at the moment."""

import logging
import time

FIRST_S = 5.0
MOST_S = 60.0

logger = logging.getLogger(__name__)


class Backoff:
    """Says when to try again; warns once, until something was taken again."""

    def __init__(self) -> None:
        self._pause_s = FIRST_S
        self._not_before_s = 0.0

    @property
    def left_s(self) -> float:
        """Seconds until the next try."""
        return max(0.0, self._not_before_s - time.monotonic())

    def deferred(self, error: Exception) -> None:
        """Nothing was taken."""
        if self._pause_s == FIRST_S:
            logger.warning("%s; what waits is submitted as soon as the cluster takes it", error)
        self._not_before_s = time.monotonic() + self._pause_s
        self._pause_s = min(MOST_S, 2 * self._pause_s)

    def succeeded(self) -> None:
        """Something was taken."""
        self._pause_s = FIRST_S
        self._not_before_s = 0.0
