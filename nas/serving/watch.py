"""Follows the journal of a running search and keeps its page fresh, as long as somebody looks. Writes nothing."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.reporting import labels
from nas.reporting.collecting import paused_collection
from nas.search.history import History
from nas.search.journal import FILE_NAME
from nas.serving.glance import Glance, glance, without_journal
from nas.serving.page import report_page, waiting_page
from nas.watching.standing import Standing

LOOK_S = 1.0  # between two looks at the journal
PAGE_S = 2.0  # between two pages, at least
PAGE_SHARE = 5.0  # and so many times the seconds that the last one took, so that a large report leaves the machine free
ASK_S = {"running": 1.0, "waiting": 1.0, "unreadable": 5.0}  # between two questions of a browser
ASK_SELDOM_S = 15.0  # likewise, when nothing is to be expected


class Watch:
    """One search, watched.

    Two threads, each at work only after it was called: one looks where the search stands, the other makes the page
    when that has changed. Both read on from where they were.

    Attributes:
        glance: of the last look.
        page: the last one made.
        trouble: why the page that was due could not be made; None if it could.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.glance = without_journal("reading the journal", "waiting")
        self.page = waiting_page(self.name, self.glance, time.time())
        self.trouble: str | None = None
        self._standing: Standing | None = None
        self._history: History | None = None
        self._made_of: Glance | None = None
        self._asked, self._due = threading.Event(), threading.Event()

    @property
    def name(self) -> str:
        return self.folder.absolute().name

    def start(self) -> None:
        """Begins to follow; the threads end with the process."""
        for work, called, least_s, share in (
            (self._look, self._asked, LOOK_S, 1.0),
            (self._make, self._due, PAGE_S, PAGE_SHARE),
        ):
            threading.Thread(target=_whenever, args=(called, work, least_s, share), daemon=True).start()
        self._asked.set()

    def ask(self) -> None:
        """Says that somebody looks at the page."""
        self._asked.set()

    def state(self) -> dict[str, Any]:
        """What a page asks for again and again: plain data.

        `version` is that of the page which is served now, `wait_s` when to ask again.
        """
        seen, page, trouble = self.glance, self.page, self.trouble
        behind = seen.readable and (page.version == "" or seen.told != page.told)
        shows = f"this page shows {labels.count(page.told)} of them" if page.version else "the page is being made"
        return {
            "state": seen.state,
            "sentence": seen.sentence(time.time()),
            "title": " · ".join(filter(None, (seen.title, self.name))),
            "share": seen.share,
            "version": page.version,
            "note": trouble or (shows if behind else ""),
            "wait_s": ASK_S["running"] if behind else ASK_S.get(seen.state, ASK_SELDOM_S),
        }

    def _look(self) -> None:
        try:
            if self._standing is None:
                self._standing = Standing.load(self.folder)
            else:
                self._standing.read_on()
            self.glance = glance(self._standing)
        except Exception as error:
            self._standing = None
            missing = not os.path.exists(self.folder / FILE_NAME)
            self.glance = without_journal(_sentence(error), "waiting" if missing else "unreadable")
        if self.glance.readable and self.glance != self._made_of:
            self._due.set()

    def _make(self) -> None:
        """Makes the page of at least what the last look has seen. Not made, it stays due."""
        self._made_of = made_of = self.glance
        history, self._history = self._history, None
        try:
            with paused_collection():
                if history is None:
                    history = History.load(self.folder)
                else:
                    history.read_on()
                self.page = report_page(history, made_of, str(time.time_ns()), time.time())
        except Exception as error:
            self.trouble, self._made_of = _sentence(error), None
        else:
            self.trouble, self._history = None, history


def _sentence(error: Exception) -> str:
    """A watch that runs for days outlives a defect of ours; a report that is written shows where it is."""
    if isinstance(error, UserError):
        return str(error)
    return f"a defect of nas, python -m nas.report without watch=true shows where: {type(error).__name__}: {error}"


def _whenever(called: threading.Event, work: Callable[[], None], least_s: float, share: float) -> None:
    """Works each time it was called, then rests `least_s`, or `share` times what the work took if that is longer."""
    while True:
        called.wait()
        called.clear()
        start = time.monotonic()
        work()
        time.sleep(max(least_s, share * (time.monotonic() - start)))
