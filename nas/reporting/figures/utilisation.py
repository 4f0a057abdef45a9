"""How many children were in flight over time, beside how many there was room for.

A child is in flight from being asked for until it is told, failed or given up, by the search's own clock: it also waits
in a cluster's queue, for its job to start and for its turn to be told. That clock stands still between sessions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nas.reporting.columns import Floats
from nas.reporting.material import Material

MOST_STEPS = 1000  # changes, up to which every one is drawn
BINS = 500  # of equal length, whose means are drawn otherwise


@dataclass(frozen=True, slots=True)
class Session:
    """
    Attributes:
        start_s, end_s: by the search's clock.
        slots: children at once; None where the journal does not say.
        busy: mean number of children in flight; None for a session without length.
        gap_s: seconds of the wall clock since the session before; None for the first, and where it is not known.
    """

    start_s: float
    end_s: float
    slots: int | None
    busy: float | None
    gap_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class UtilisationFigure:
    """
    Attributes:
        edges: seconds, ascending, one more than `busy`.
        busy: children in flight between two edges; their mean there if they are many.
        sessions: at least one.
        mean: of `busy` over time.
        share: of the room, None where a session does not say how much it had.
    """

    edges: Floats
    busy: Floats
    sessions: list[Session]
    mean: float
    share: float | None

    @property
    def one_by_one(self) -> bool:
        """Whether there was room for a single child at any time."""
        return all(session.slots == 1 for session in self.sessions)


def utilisation_figure(material: Material) -> UtilisationFigure | None:
    """None before anything was asked for, and where the journal has no times."""
    history, columns = material.history, material.columns
    asked = np.sort(columns.asked_s[~np.isnan(columns.asked_s)])
    if not len(asked) or not history.sessions:
        return None
    ended = np.sort(columns.finished_s[~np.isnan(columns.finished_s) & ~np.isnan(columns.asked_s)])
    spans = _spans(history.sessions, history.elapsed_s)
    start, end = spans[0][0], spans[-1][1]
    if not end > start:
        return None
    edges = _edges(asked, ended, start, end)
    area = _area(asked, ended, edges)
    sessions = [
        Session(low, high, _slots(event), _mean(asked, ended, low, high), gap)
        for (low, high), event, gap in zip(spans, history.sessions, _gaps(history.sessions), strict=True)
    ]
    room = [session.slots for session in sessions]
    mean = float(area[-1] - area[0]) / (end - start)
    share = None
    if all(slots is not None for slots in room):
        capacity = sum((session.slots or 0) * (session.end_s - session.start_s) for session in sessions)
        share = mean * (end - start) / capacity if capacity > 0 else None
    return UtilisationFigure(edges, np.diff(area) / np.diff(edges), sessions, mean, share)


def _edges(asked: Floats, ended: Floats, start: float, end: float) -> Floats:
    changes = np.unique(np.concatenate([asked, ended]))
    if len(changes) > MOST_STEPS:
        return np.linspace(start, end, BINS + 1)
    inner = changes[(changes > start) & (changes < end)]
    return np.concatenate([[start], inner, [end]])


def _area(asked: Floats, ended: Floats, until: Floats) -> Floats:
    """Seconds that children were in flight, summed over all, until each of these moments."""
    return _since(asked, until) - _since(ended, until)


def _since(moments: Floats, until: Floats) -> Floats:
    """Seconds since each of `moments`, ascending, summed over those that have passed."""
    passed = np.searchsorted(moments, until, side="right")
    sums = np.concatenate([[0.0], np.cumsum(moments)])
    return passed * until - sums[passed]


def _mean(asked: Floats, ended: Floats, low: float, high: float) -> float | None:
    if not high > low:
        return None
    area = _area(asked, ended, np.array([low, high]))
    return float(area[1] - area[0]) / (high - low)


def _spans(sessions: Sequence[Mapping[str, Any]], end: float) -> list[tuple[float, float]]:
    starts = [float(session.get("elapsed_s", 0.0)) for session in sessions]
    return list(pairwise([*starts, max(end, starts[-1])]))


def _slots(session: Mapping[str, Any]) -> int | None:
    slots = session.get("slots")
    return slots if type(slots) is int and slots > 0 else None


def _gaps(sessions: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """What the wall clock went on while the search's clock stood still."""
    gaps: list[float | None] = [None]
    for before, after in pairwise(sessions):
        wall, own = _between(before, after, "time"), _between(before, after, "elapsed_s")
        gaps.append(None if wall is None or own is None else max(0.0, wall - own))
    return gaps


def _between(before: Mapping[str, Any], after: Mapping[str, Any], key: str) -> float | None:
    first, last = before.get(key), after.get(key)
    if isinstance(first, int | float) and isinstance(last, int | float):
        return last - first
    return None
