"""What is printed, on a terminal and into a pipe."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from nas.search.individual import Individual
from nas.tracking import words
from nas.tracking.base import Context, Progress, Summary
from nas.tracking.console import ConsoleTracker
from nas.tracking.display import progress_text
from nas.tracking.rate import Rate


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def context(**changes) -> Context:
    return Context(**{"run": "demo", "folder": Path("runs/demo"), "identity": {}, "evaluations": 100, **changes})


def progress(told: int, failed: int = 0, in_flight: int = 0) -> Progress:
    best = {"best_number": 7, "best_fitness": 0.94123} if told else {"best_number": None, "best_fitness": None}
    fraction = told / 100
    return Progress(
        told=told, failed=failed, in_flight=in_flight, budget_fraction=fraction, elapsed_s=float(told), **best
    )


def individual(number: int, reason: str | None = None) -> Individual:
    return Individual(number, "0110", 0, reason=reason)


def session(clock: Clock, *, terminal: bool = False, **changes) -> tuple[ConsoleTracker, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120, highlight=False, color_system=None)
    tracker = ConsoleTracker(console=console, clock=clock)
    tracker.opened(context(**changes))
    return tracker, file


def test_a_line_per_child_when_they_are_slow(clock):
    tracker, file = session(clock)
    for told in (1, 2, 3):
        clock.now += 36.0
        tracker.told(individual(told), progress(told))
    lines = file.getvalue().splitlines()
    assert lines[0] == "searching demo in runs/demo"
    assert lines[1] == "1/100 told · best 0.9412 (#7) · 100/h · 59:24 left"
    assert len(lines) == 4


def test_at_most_one_line_a_second_when_they_are_fast(clock):
    tracker, file = session(clock)
    for told in range(1, 1001):
        clock.now += 0.01
        tracker.told(individual(told), progress(min(told, 99)))
    assert len(file.getvalue().splitlines()) == 1 + 10


def test_a_resumed_search_says_so_and_counts_its_own_pace(clock):
    tracker, file = session(clock, told=50, budget_fraction=0.5, best_number=7, best_fitness=0.94123)
    clock.now += 36.0
    tracker.told(individual(50), progress(51))
    lines = file.getvalue().splitlines()
    assert lines == [
        "resuming demo in runs/demo",
        "50/100 told · best 0.9412 (#7)",
        "51/100 told · best 0.9412 (#7) · 100/h · 29:24 left",
    ]


def test_failures_are_named_and_counted(clock):
    tracker, file = session(clock)
    tracker.failed(individual(3, "RuntimeError: [red]out of memory[/red]"), progress(0, failed=1))
    assert "individual 3 failed: RuntimeError: [red]out of memory[/red]" in file.getvalue()


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("budget", "demo finished · 100/100 told · best 0.9412 (#7) · 2 failed · 1:40 in all"),
        ("stopped", "demo stopped; the same command goes on with it · 100/100 told"),
        ("failures", "demo gave up after too many failures"),
        ("constraint", "demo gave up: the constraint rejects what is drawn · 100/100 told"),
        ("OSError: disk", "demo OSError: disk"),
    ],
)
def test_the_last_line(clock, reason, text):
    tracker, file = session(clock)
    tracker.closed(Summary(reason=reason, progress=progress(100, failed=2)))
    assert file.getvalue().splitlines()[-1].startswith(text)


def test_a_terminal_is_left_clean(clock):
    tracker, file = session(clock, terminal=True)
    tracker.told(individual(1), progress(1))
    tracker.closed(Summary(reason="stopped", progress=progress(1)))
    shown = file.getvalue()
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor is hidden, and shown again
    assert shown.rstrip().endswith("1 told · best 0.9412 (#7) · 0:01 in all".replace("1 told", "1/100 told"))


def test_the_live_line_fits_its_terminal(clock):
    rate = Rate(context(), clock)
    clock.now += 60
    wide = progress_text(context(), progress(50, failed=2, in_flight=4), rate, 120).plain
    assert wide.startswith("━" * 24 + " 50/100 told · best 0.9412 (#7) · 3,000/h · 2 failed · 1:00 left · 4 running")
    assert not progress_text(context(), progress(50), rate, 60).plain.startswith("━")


def test_an_unbounded_search_has_no_time_left(clock):
    unbounded = context(evaluations=None)
    rate = Rate(unbounded, clock)
    clock.now += 60
    where = Progress(told=3, failed=0, in_flight=0, budget_fraction=None, best_number=0, best_fitness=0.5, elapsed_s=60)
    assert words.line(unbounded, where, rate) == "3 told · best 0.5000 (#0) · 180/h"


@pytest.mark.parametrize(
    ("per_hour", "text"), [(None, ""), (2.25, "2.2/h"), (1234.0, "1,234/h"), (36_000_000.0, "10,000/s")]
)
def test_pace(per_hour, text):
    assert words.pace(per_hour) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (75, "1:15"), (7384, "2:03:04")])
def test_durations(seconds, text):
    assert words.duration(seconds) == text
