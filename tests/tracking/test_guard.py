"""Trackers are shown the search, and none of them can harm it."""

import logging
from pathlib import Path

import pytest

from nas.algorithms.base import Proposal
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.budget import Budget
from nas.search.individual import Individual
from nas.search.state import SearchState
from nas.search_spaces.bits import Bits
from nas.tracking.base import Context, Tracker
from nas.tracking.guard import Trackers

CONTEXT = Context(run="demo", folder=Path("demo"), identity={})


class Recorder(Tracker):
    def __init__(self) -> None:
        self.seen: list = []

    def opened(self, context):
        self.seen.append(("opened", context.run))

    def told(self, individual, progress):
        self.seen.append(("told", individual.number, progress))

    def failed(self, individual, progress):
        self.seen.append(("failed", individual.number, progress))

    def closed(self, summary):
        self.seen.append(("closed", summary.reason, summary.message))

    def finished(self, context, summary):
        self.seen.append(("finished", context.run, summary.progress.told))


class Broken(Tracker):
    def told(self, individual, progress):
        raise RuntimeError("no space left")


@pytest.fixture
def state():
    """A search with one individual told."""
    state = SearchState(RandomSearch(Bits(num_bits=4)), None)
    state.asked(Individual(0, (0, 1, 1, 0), 0), Proposal((0, 1, 1, 0)))
    state.told(0, 0.5, {"valid_accuracy": 0.5}, 0.0)
    return state


def test_every_tracker_is_shown_everything(state):
    recorder = Recorder()
    trackers = Trackers([recorder], Budget(evaluations=4).fraction)
    trackers.opened(CONTEXT)
    trackers.told(state.best, state)
    trackers.failed(Individual(1, (0,), 0), state)
    trackers.closed("budget", state, "well")
    kinds = [event[:2] for event in recorder.seen]
    assert kinds == [("opened", "demo"), ("told", 0), ("failed", 1), ("closed", "budget")]
    progress = recorder.seen[1][2]
    assert (progress.told, progress.budget_fraction, progress.best_number, progress.best_fitness) == (1, 0.25, 0, 0.5)


def test_a_tracker_that_raises_is_left_out_with_one_warning(state, caplog):
    recorder = Recorder()
    trackers = Trackers([Broken(), recorder])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            trackers.told(state.best, state)
    assert len(recorder.seen) == 3
    (warning,) = caplog.records
    assert "Broken" in warning.getMessage()
    assert "no space left" in warning.getMessage()


def test_ctrl_c_inside_a_tracker_stops_the_search(state):
    class Interrupted(Tracker):
        def told(self, individual, progress):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trackers([Interrupted()]).told(state.best, state)


def test_no_trackers(state):
    trackers = Trackers([])
    trackers.opened(CONTEXT)
    trackers.told(state.best, state)
    trackers.closed("budget", state)


def test_the_report_is_written_before_trackers_close(state):
    recorder = Recorder()
    trackers = Trackers([recorder], report=lambda folder: recorder.seen.append(("report", folder)))
    trackers.opened(CONTEXT)
    trackers.closed("budget", state)
    assert [event[0] for event in recorder.seen] == ["opened", "report", "closed"]


def test_a_search_that_was_finished_has_its_report_again(state):
    recorder = Recorder()
    Trackers([recorder], report=lambda folder: recorder.seen.append(("report", folder))).finished(CONTEXT, state)
    assert recorder.seen == [("report", Path("demo")), ("finished", "demo", 1)]


def test_a_session_that_ends_with_an_error_has_no_report(state):
    recorder = Recorder()
    trackers = Trackers([recorder], report=lambda folder: recorder.seen.append(("report", folder)))
    trackers.closed("error", state)  # before it opened
    assert recorder.seen == []
    trackers.opened(CONTEXT)
    trackers.closed("error", state)
    assert [event[0] for event in recorder.seen] == ["opened", "closed"]


@pytest.mark.parametrize("error", [UserError("the report demo cannot be written"), OSError("no space"), KeyError("x")])
def test_a_report_that_fails_harms_nothing(state, caplog, error):
    def fail(folder):
        raise error

    recorder = Recorder()
    trackers = Trackers([recorder], report=fail)
    trackers.opened(CONTEXT)
    trackers.closed("budget", state)
    assert [event[0] for event in recorder.seen] == ["opened", "closed"]
    (record,) = caplog.records
    assert "the journal is safe" in record.getMessage()
    assert (record.exc_info is None) is not isinstance(error, KeyError)  # a defect of ours keeps its traceback
