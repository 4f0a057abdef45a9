"""A search whose loop is the caller's: the same search as with ours, also when it is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nas import AskTell, History, run_search
from nas.algorithms.evolution import Evolution
from nas.errors import UserError
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=12)


def evolution(space: Bits = SPACE) -> Evolution:
    return Evolution(space=space, population_size=8, sample_size=3, survival="oldest")


def ones(genome: tuple[int, ...], seed: int = 0) -> float:
    return sum(genome) / len(genome)


def told(run: Path, until: int) -> None:
    with AskTell(space=SPACE, algorithm=evolution, run=run) as search:
        while len(search) < until:
            child = search.ask()
            search.tell(child.number, ones(child.genome))


def test_it_is_the_search_that_our_loop_makes(tmp_path: Path) -> None:
    told(tmp_path / "mine", 30)
    ours = run_search(space=SPACE, algorithm=evolution(), evaluator=ones, budget=30, run=tmp_path / "ours")
    history = History.load(tmp_path / "mine")
    assert history.science() == ours.history().science()
    assert history.closed is not None
    assert history.closed["reason"] == "finished"


def test_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    told(tmp_path / "whole", 30)
    told(tmp_path / "parts", 11)
    told(tmp_path / "parts", 30)
    assert History.load(tmp_path / "parts").science() == History.load(tmp_path / "whole").science()


def test_children_end_in_any_order_and_may_fail(tmp_path: Path) -> None:
    with AskTell(space=SPACE, algorithm=evolution(), run=tmp_path / "run") as search:
        children = [search.ask() for _ in range(4)]
        assert search.in_flight == [0, 1, 2, 3]
        search.tell(2, {"valid_accuracy": 0.5, "parameters": 7})
        search.fail(0, "the robot fell over")
        search.tell(3, float("nan"))
        assert search.in_flight == [1]
        assert search.best is not None
        assert search.best.number == 2
        assert len(search) == 1
    history = search.history()
    assert [individual.state.value for individual in history.individuals] == ["failed", "pending", "told", "failed"]
    assert "the robot fell over" in str(history.individuals[0].reason)
    assert history.individuals[2].metrics["parameters"] == 7
    assert history.closed is not None
    assert history.closed["reason"] == "stopped"
    with AskTell(space=SPACE, algorithm=evolution(), run=tmp_path / "run") as search:
        again = search.ask()
        assert (again.number, again.genome, again.seed) == (1, children[1].genome, children[1].seed)
        assert search.ask().number == 4


def test_what_is_not_in_flight_cannot_be_told(tmp_path: Path) -> None:
    with AskTell(space=SPACE, algorithm=evolution(), run=tmp_path / "run") as search:
        child = search.ask()
        search.tell(child.number, 0.5)
        with pytest.raises(UserError, match="individual 0 is not in flight: none"):
            search.tell(0, 0.6)
        with pytest.raises(UserError, match="individual 7 is not in flight"):
            search.fail(7, "nobody asked")


def test_without_a_with_it_is_closed_by_hand(tmp_path: Path) -> None:
    search = AskTell(space=SPACE, algorithm=evolution, run=tmp_path / "run")
    child = search.ask()
    with pytest.raises(UserError, match=r"another driver|already"):
        AskTell(space=SPACE, algorithm=evolution, run=tmp_path / "run")
    search.tell(child.number, 0.5)
    search.close()
    search.close()
    for late in (search.ask, lambda: search.tell(0, 0.5)):
        with pytest.raises(UserError, match="was closed: AskTell with the same arguments goes on"):
            late()
    with AskTell(space=SPACE, algorithm=evolution, run=tmp_path / "run") as again:
        assert again.ask().number == 1


def test_other_searches_folders_are_refused(tmp_path: Path) -> None:
    told(tmp_path / "run", 3)
    with (
        pytest.raises(UserError, match="differs in seed"),
        AskTell(space=SPACE, algorithm=evolution, run=tmp_path / "run", seed=1),
    ):
        pass
    with pytest.raises(UserError, match="no Algorithm"):
        AskTell(space=SPACE, algorithm=lambda space: 3)  # type: ignore[arg-type, return-value]


PROGRAM = """
import os, signal, sys
from nas import AskTell
from tests.search.test_ask_tell import SPACE, evolution, ones
with AskTell(space=SPACE, algorithm=evolution, run=sys.argv[1]) as search:
    while len(search) < 30:
        child = search.ask()
        if len(search) == 17 and "die" in sys.argv:
            os.kill(os.getpid(), signal.SIGKILL)
        search.tell(child.number, ones(child.genome))
"""


def test_a_killed_program_loses_nothing(tmp_path: Path) -> None:
    told(tmp_path / "whole", 30)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "run")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "launchers")])}
    killed = subprocess.run([*command, "die"], env=environment, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert len(History.load(tmp_path / "run").told) == 17
    subprocess.run(command, env=environment, timeout=120, check=True)
    assert History.load(tmp_path / "run").science() == History.load(tmp_path / "whole").science()
