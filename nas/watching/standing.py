"""Where a search stands, in one pass over its journal: light enough for a folder full of large ones."""

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.search.journal import FILE_NAME, read_header
from nas.search.journal_reader import JournalReader
from nas.search.lock import Holder, lock_holder

RECENT = 50  # told children over which the pace is taken
STATES = {
    "budget": "finished",
    "stopped": "stopped",
    "failures": "gave up",
    "constraint": "gave up",
}


@dataclass(slots=True)
class Flight:
    """A child that was asked and is not finished.

    Attributes:
        attempt: the latest, 0 before the first.
        job: the launcher's id of that attempt.
        launcher: which one, for jobs that outlive their driver.
    """

    attempt: int = 0
    job: str | None = None
    launcher: str | None = None


@dataclass(kw_only=True)
class Standing:
    """
    Attributes:
        folder: of the run.
        identity: see `Session.identity`.
        in_flight: by number.
        told, failed, cancelled: how many children ended so.
        best, best_number: the fittest, the first told among equals.
        reasons: of failures; every one with a log, as far as one is known.
        logs: a log for each of them.
        interrupted: attempts that ended without a result, by cause; "requeued" are restarts by the cluster itself.
        device_s: device-seconds of all attempts.
        busy_s: seconds of all attempts, however many devices each had.
        offered_s: seconds of all slots of all sessions.
        elapsed_s: the driver's time over all sessions.
        slots: of the last session.
        budget: of the last session, by bound.
        sessions: how many.
        recent_s: `elapsed_s` of the last children told.
        last_s: when the last event was written, in UTC seconds.
        last_finished_s: likewise, of the last that ended a child; None before the first.
        closed: why the last session ended; None while it runs, or where it was cut off.
        holder: the driver that works on it; None without one.
    """

    folder: Path
    identity: dict[str, Any]
    in_flight: dict[int, Flight] = field(default_factory=dict)
    told: int = 0
    failed: int = 0
    cancelled: int = 0
    best: float | None = None
    best_number: int | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    logs: dict[str, str] = field(default_factory=dict)
    interrupted: Counter[str] = field(default_factory=Counter)
    device_s: float = 0.0
    busy_s: float = 0.0
    offered_s: float = 0.0
    elapsed_s: float = 0.0
    slots: int = 1
    budget: dict[str, Any] = field(default_factory=dict)
    sessions: int = 0
    recent_s: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    last_s: float = 0.0
    last_finished_s: float | None = None
    closed: str | None = None
    holder: Holder | None = None

    def __post_init__(self) -> None:
        self._reader = JournalReader(self.folder / FILE_NAME)

    @classmethod
    def load(cls, folder: Path) -> "Standing":
        """
        Raises:
            UserError: there is no journal, or it is damaged.
        """
        path = folder / FILE_NAME
        header = read_header(path)
        if header is None:
            raise UserError(f"there is no journal at {path}")
        standing = cls(folder=folder, identity=header["identity"])
        standing.read_on()
        return standing

    def read_on(self) -> None:
        """Adds what was written since, and asks again who holds the run.

        Raises:
            UserError: the journal is damaged, or was replaced by another; this object is of no more use then.
        """
        self.holder = lock_holder(self.folder)  # first: a driver that ends meanwhile is not taken for one cut off
        for line_number, event in self._reader.events():
            try:
                self._fold(event)
            except (KeyError, TypeError, ValueError) as error:
                path = self.folder / FILE_NAME
                raise UserError(f"line {line_number} of {path} does not fit the lines before it ({error})") from error

    @property
    def state(self) -> str:
        """ "running", "finished", "stopped", "gave up", or "cut off": its driver is gone without a word."""
        if self.holder is not None:
            return "running"
        return STATES.get(self.closed, "cut off") if self.closed is not None else "cut off"

    @property
    def jobs(self) -> dict[int, Flight]:
        """Children whose jobs outlive their driver."""
        return {number: flight for number, flight in self.in_flight.items() if flight.job and flight.launcher}

    @property
    def utilisation(self) -> float | None:
        """Share of the time of all slots in which attempts ran; None before the first ended."""
        return min(1.0, self.busy_s / self.offered_s) if self.offered_s and self.busy_s else None

    @property
    def left_s(self) -> float | None:
        """Seconds until the budget is used at the present pace; None where nothing tells."""
        evaluations, hours = self.budget.get("evaluations"), self.budget.get("hours")
        guesses = []
        if hours is not None:
            guesses.append(3600.0 * hours - self.elapsed_s)
        if evaluations is not None and len(self.recent_s) > 1:
            pace_s = (self.recent_s[-1] - self.recent_s[0]) / (len(self.recent_s) - 1)
            guesses.append((evaluations - self.told) * pace_s)
        return max(0.0, min(guesses)) if guesses else None

    def _fold(self, event: dict[str, Any]) -> None:
        elapsed_s = float(event.get("elapsed_s", self.elapsed_s))
        if event["event"] != "opened":
            self.offered_s += self.slots * (elapsed_s - self.elapsed_s)
        self.elapsed_s, self.last_s = elapsed_s, float(event.get("time", self.last_s))
        self.closed = event["reason"] if event["event"] == "closed" else None
        fold = getattr(self, f"_fold_{event['event']}", None)
        if fold is not None:
            fold(event)

    def _fold_opened(self, event: dict[str, Any]) -> None:
        self.sessions += 1
        self.slots, self.budget = event["slots"], event["budget"]

    def _fold_asked(self, event: dict[str, Any]) -> None:
        self.in_flight[event["number"]] = Flight()

    def _fold_submitted(self, event: dict[str, Any]) -> None:
        flight = self.in_flight[event["number"]]
        flight.attempt, flight.job, flight.launcher = event["attempt"], event.get("job"), event.get("launcher")

    def _fold_interrupted(self, event: dict[str, Any]) -> None:
        flight = self.in_flight[event["number"]]
        flight.job = flight.launcher = None
        self.interrupted[event.get("cause", "stopped")] += 1
        self._spend(event)

    def _fold_requeued(self, event: dict[str, Any]) -> None:
        self.interrupted["requeued"] += 1

    def _fold_told(self, event: dict[str, Any]) -> None:
        self._finish(event)
        self.told += 1
        self.recent_s.append(self.elapsed_s)
        if self.best is None or event["fitness"] > self.best:
            self.best, self.best_number = event["fitness"], event["number"]

    def _fold_failed(self, event: dict[str, Any]) -> None:
        self._finish(event)
        self.failed += 1
        self.reasons[event["reason"]] += 1
        if event.get("log"):
            self.logs.setdefault(event["reason"], event["log"])

    def _fold_cancelled(self, event: dict[str, Any]) -> None:
        self._finish(event)
        self.cancelled += 1

    def _finish(self, event: dict[str, Any]) -> None:
        del self.in_flight[event["number"]]
        self.last_finished_s = self.last_s
        self._spend(event)

    def _spend(self, event: dict[str, Any]) -> None:
        device_s = float(event.get("device_s", 0.0))
        self.device_s += device_s
        self.busy_s += device_s / max(1, event.get("provenance", {}).get("devices", 1))
