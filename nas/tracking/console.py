"""Progress on a terminal, or plain lines where the output goes elsewhere."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from nas.tracking import words
from nas.tracking.base import Context, Progress, Summary, Tracker
from nas.tracking.display import progress_text
from nas.tracking.rate import Rate

if TYPE_CHECKING:
    from nas.search.individual import Individual

_ENDS = {
    "budget": "finished",
    "finished": "finished before",
    "stopped": "stopped; the same command goes on with it",
    "failures": "gave up after too many failures",
    "constraint": "gave up: the constraint rejects what is drawn",
}
PLAIN_INTERVAL_S = 1.0
LIVE_INTERVAL_S = 0.1


class ConsoleTracker(Tracker):
    """Done and budget, best fitness and its number, pace, failures, time left.

    On a terminal one line that is redrawn at most ten times a second, else a line per told child, at most one a second.
    What is printed or logged meanwhile appears above the live line. Everything is text: names are never read as markup.
    """

    def __init__(
        self,
        live: bool | None = None,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            live: redraw one line; None does so on a terminal.
            console: where to; standard output by default.
            clock: monotonic seconds.
        """
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._is_live = self._console.is_terminal if live is None else live
        self._clock = clock
        self._live: Live | None = None
        self._next_s = float("-inf")

    def opened(self, context: Context) -> None:
        self._context, self._rate = context, Rate(context, self._clock)
        self._progress = Progress(
            told=context.told,
            failed=context.failed,
            in_flight=0,
            budget_fraction=context.budget_fraction,
            best_number=context.best_number,
            best_fitness=context.best_fitness,
            elapsed_s=0.0,
        )
        self._print(f"{'resuming' if context.told else 'searching'} {context.run} in {context.folder}")
        if context.told:
            self._print(words.line(context, self._progress, self._rate))
        if self._is_live:
            self._live = Live(get_renderable=self._text, console=self._console, refresh_per_second=4, transient=True)
            self._live.start()

    def told(self, individual: "Individual", progress: Progress) -> None:
        self._progress = progress
        now = self._clock()
        if now < self._next_s:
            return
        if self._live is not None:
            self._next_s = now + LIVE_INTERVAL_S
            self._live.refresh()
        else:
            self._next_s = now + PLAIN_INTERVAL_S
            self._print(words.line(self._context, progress, self._rate))

    def failed(self, individual: "Individual", progress: Progress) -> None:
        self._progress = progress
        now = self._clock()
        if progress.failed == 1 or now >= self._next_s:
            self._next_s = now + PLAIN_INTERVAL_S
            self._print(f"individual {individual.number} failed: {individual.reason}")

    def closed(self, summary: Summary) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        progress = summary.progress
        end = _ENDS.get(summary.reason, summary.reason)
        parts = [
            f"{self._context.run} {end}",
            f"{words.done(progress.told, self._context.evaluations)} told",
            words.best(progress.best_number, progress.best_fitness),
            f"{progress.failed:,} failed" if progress.failed else "",
            f"{words.duration(progress.elapsed_s)} in all",
        ]
        self._print(" · ".join(filter(None, parts)))
        if summary.message and summary.reason != "stopped":
            self._print(summary.message)

    def _text(self) -> Text:
        return progress_text(self._context, self._progress, self._rate, self._console.width)

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)
