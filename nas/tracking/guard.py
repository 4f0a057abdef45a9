"""The trackers of one search and its report, kept from harming it."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nas.errors import UserError
from nas.tracking.base import Context, Progress, Summary, Tracker

if TYPE_CHECKING:
    from nas.search.budget import Spent
    from nas.search.individual import Individual
    from nas.search.state import SearchState

logger = logging.getLogger(__name__)


def afterwards(folder: Path) -> str:
    """How a tracker is shown later what it has missed."""
    return f"the journal has everything, python -m nas.track run={folder} shows it afterwards"


class Trackers:
    """Shows every tracker what the loop reports; one that raises is warned about once and dropped.

    Only `Exception` is caught: Ctrl-C inside a tracker still stops the search.
    """

    def __init__(
        self,
        trackers: Sequence[Tracker],
        fraction: "Callable[[Spent], float] | None" = None,
        report: Callable[[Path], object] | None = None,
    ) -> None:
        """
        Args:
            trackers: what is shown the search.
            fraction: says which share of the budget is used: `Budget.fraction`.
            report: writes the report into a run folder, before trackers are told that the session ends: they may
                upload it.
        """
        self._trackers = list(trackers)
        self._fraction = fraction
        self._report = report
        self._folder: Path | None = None

    def opened(self, context: Context) -> None:
        self._folder = context.folder
        self._show(lambda tracker: tracker.opened(context))

    def finished(self, context: Context, state: "SearchState") -> None:
        """There was nothing left to do."""
        self._write_report(context.folder)
        summary = Summary(reason="finished", progress=self.progress(state))
        self._show(lambda tracker: tracker.finished(context, summary))

    def told(self, individual: "Individual", state: "SearchState") -> None:
        if self._trackers:
            progress = self.progress(state)
            self._show(lambda tracker: tracker.told(individual, progress))

    def failed(self, individual: "Individual", state: "SearchState") -> None:
        if self._trackers:
            progress = self.progress(state)
            self._show(lambda tracker: tracker.failed(individual, progress))

    def closed(self, reason: str, state: "SearchState", message: str = "") -> None:
        """The session ended; nothing is shown of one that failed before it opened."""
        if self._folder is None:
            return
        if reason != "error":
            self._write_report(self._folder)
        if self._trackers:
            summary = Summary(reason=reason, progress=self.progress(state), message=message)
            self._show(lambda tracker: tracker.closed(summary))

    def progress(self, state: "SearchState") -> Progress:
        """Where the search stands, as trackers are shown it."""
        best, spent = state.best, state.spent
        return Progress(
            told=spent.told,
            failed=state.failed,
            in_flight=spent.in_flight,
            budget_fraction=self._fraction(spent) if self._fraction else None,
            best_number=best.number if best else None,
            best_fitness=best.fitness if best else None,
            elapsed_s=spent.elapsed_s,
            device_s=spent.device_s,
        )

    def _show(self, call: Callable[[Tracker], None]) -> None:
        for tracker in list(self._trackers):
            try:
                call(tracker)
            except Exception as error:
                self._trackers.remove(tracker)
                name, what = type(tracker).__name__, f"{type(error).__name__}: {error}"
                how = afterwards(self._folder or Path("NAME"))
                logger.warning("the tracker %s failed and is left out from now on (%s); %s", name, what, how)

    def _write_report(self, folder: Path) -> None:
        if self._report is None:
            return
        try:
            self._report(folder)
        except (UserError, OSError) as error:
            logger.warning("%s; the journal is safe", error)
        except Exception:
            logger.exception("the report of %s failed; the journal is safe", folder)
