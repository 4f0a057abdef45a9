"""Signals: a clean stop at the first, at once at the second, and the journal whole either way."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nas_launchers.inline import InlineExecutor
from searches import search

from nas.search.stop import StopNow, StopSwitch


def share(genome: Any, seed: int) -> float:
    return sum(genome) / 16


def signalling(at: int, name: signal.Signals) -> Callable[[Any, int], float]:
    """An evaluation that gets a signal in its `at`-th call."""
    calls = []

    def evaluate(genome: Any, seed: int) -> float:
        calls.append(seed)
        if len(calls) == at:
            os.kill(os.getpid(), name)
        return share(genome, seed)

    evaluate.__qualname__ = share.__qualname__  # the same function for the search's identity
    return evaluate


class SignalledAgain(InlineExecutor):
    """Gets the second signal while the search stops."""

    def __init__(self) -> None:
        self.times = 0

    def shutdown(self, cancel: bool = False) -> None:
        self.times += 1
        if self.times == 1:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_leaves_an_evaluation_and_resuming_starts_it_again(
    tmp_path: Path, name: signal.Signals
) -> None:
    whole = search(tmp_path / "whole", evaluator=share).history().science()
    before = signal.getsignal(name)
    result = search(tmp_path / "a", evaluator=signalling(25, name))
    assert signal.getsignal(name) == before
    assert (result.reason, result.message, result.spent.told) == ("stopped", name.name, 24)
    assert result.history().individuals[24].state == "pending"
    assert search(tmp_path / "a", evaluator=share).history().science() == whole


def test_a_second_signal_while_stopping_ends_it_without_a_word(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole", evaluator=share).history().science()
    executor = SignalledAgain()
    result = search(tmp_path / "a", evaluator=signalling(25, signal.SIGINT), executor=lambda _: executor)
    assert executor.times == 2  # once within the loop, once behind it
    assert (result.reason, result.spent.told) == ("stopped", 24)
    assert not (tmp_path / "a" / "driver.lock").exists()
    assert search(tmp_path / "a", evaluator=share).history().science() == whole


def test_no_evaluator_swallows_a_stop() -> None:
    switch = StopSwitch()
    switch.request("SIGINT")
    assert switch.reason == "SIGINT"
    with pytest.raises(StopNow):
        switch.request("SIGINT")
    assert not issubclass(StopNow, Exception)


def test_what_may_be_left_at_any_point_is_left_at_once() -> None:
    switch = StopSwitch()
    switch.at_once = True
    with pytest.raises(StopNow):
        switch.request("SIGTERM")
