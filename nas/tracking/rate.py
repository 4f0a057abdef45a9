"""How fast a session goes, and how long it will still take."""

import time
from collections.abc import Callable

from nas.tracking.base import Context, Progress


class Rate:
    """Measured from the beginning of this session: earlier sessions may have run elsewhere.

    Attributes:
        clock: monotonic seconds.
    """

    def __init__(self, context: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._start = clock()
        self._told = context.told
        self._fraction = context.budget_fraction or 0.0

    @property
    def elapsed_s(self) -> float:
        return self.clock() - self._start

    def per_hour(self, told: int) -> float | None:
        """Evaluations per hour, None before the first."""
        elapsed = self.elapsed_s
        return (told - self._told) / elapsed * 3600 if told > self._told and elapsed > 0 else None

    def left_s(self, progress: Progress) -> float | None:
        """Seconds until the budget is used, at the pace so far; None where that cannot be said."""
        if progress.budget_fraction is None:
            return None
        gained = progress.budget_fraction - self._fraction
        return self.elapsed_s * (1.0 - progress.budget_fraction) / gained if gained > 0 else None
