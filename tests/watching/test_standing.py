"""Where a search stands, from its journal alone."""

from io import StringIO
from pathlib import Path

import pytest
from nas_launchers.executor import Interrupted
from scripted import HOLDS, Scripted
from searches import Sized, search

from nas.errors import UserError
from nas.watching.printing import lines, listing
from nas.watching.queue import Queue
from nas.watching.standing import Standing


def test_a_finished_search(tmp_path: Path) -> None:
    result = search(tmp_path / "a", evaluator=Sized(unlucky=3), budget=12)
    standing = Standing.load(tmp_path / "a")
    history = result.history()
    assert (standing.state, standing.told, standing.failed, standing.in_flight) == ("finished", 12, 1, {})
    assert history.best is not None
    assert (standing.best, standing.best_number) == (history.best.fitness, history.best.number)
    assert standing.device_s == pytest.approx(sum(individual.device_s for individual in history.individuals))
    assert standing.reasons == {"RuntimeError: unlucky": 1}
    assert "12/12 told" in lines(standing, None)[1]
    assert "1 failed with RuntimeError: unlucky" in "\n".join(lines(standing, None))


def test_a_search_whose_driver_died_beside_its_jobs(tmp_path: Path) -> None:
    script = {"0:1": Interrupted("job 100 ended in state PREEMPTED"), "3:1": HOLDS}
    with pytest.raises(AssertionError, match="wait for ever"):
        search(tmp_path / "a", budget=5, executor=Scripted(script))
    standing = Standing.load(tmp_path / "a")
    assert (standing.state, standing.told) == ("cut off", 3)
    assert {number: flight.job for number, flight in standing.jobs.items()} == {3: "104"}
    assert standing.interrupted == {"interruption": 1}
    queue = Queue(pending={"Resources": ["1", "2"], "BadConstraints": ["3"]}, running=["4"], hopeless=["job 3 cannot"])
    said = "\n".join(lines(standing, queue))
    assert "Jobs of scripted: 1 run, 3 wait (2 for Resources, 1 for BadConstraints)\njob 3 cannot" in said
    assert "1 preempted or lost their node" in said
    assert "the queue does not answer" in "\n".join(lines(standing, None))


def test_time_left_is_that_of_the_recent_pace() -> None:
    standing = Standing(folder=Path("a"), identity={})
    standing.budget, standing.told = {"evaluations": 110, "hours": None}, 10
    assert standing.left_s is None
    standing.recent_s.extend([100.0, 102.0, 104.0])
    assert standing.left_s == 200.0
    standing.budget["hours"], standing.elapsed_s = 0.05, 100.0
    assert standing.left_s == 80.0


def test_a_listing_shows_names_as_text() -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=StringIO())
    console.print(listing([Standing(folder=Path("runs/[red]a"), identity={}, told=3)]))
    assert "[red]a" in console.export_text()


def test_no_journal_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no journal"):
        Standing.load(tmp_path)
