"""What is read from a journal."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from journals import Timeline
from searches import search

from nas import History


def measured(genome: Any, seed: int) -> dict[str, Any]:
    return {"valid_accuracy": sum(genome) / 16, "train_s": seed % 97 / 10, "parameters": 3}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return search(tmp_path_factory.mktemp("run"), evaluator=measured).history()


def test_it_is_found_by_its_folder_and_by_its_file(history: History) -> None:
    for where in (history.path, history.path.parent, str(history.path.parent)):
        assert History.load(where).science() == history.science()


def test_the_best_are_the_fittest_and_the_first_told_among_equals(history: History) -> None:
    ranked = sorted(history.told, key=lambda individual: (-(individual.fitness or 0.0), individual.number))
    assert len({individual.fitness for individual in ranked}) < len(ranked)
    assert history.best is ranked[0]
    assert history.top(12) == ranked[:12]
    assert history.top(1000) == ranked


def test_the_best_of_negative_fitnesses(tmp_path: Path) -> None:
    history = search(tmp_path / "a", evaluator=lambda genome, seed: -1.0 - seed % 1000).history()
    assert history.best is not None
    assert history.best.fitness == max(individual.fitness or 0.0 for individual in history.told)


def test_a_lineage_goes_back_to_a_random_individual(history: History) -> None:
    line = history.lineage(39)
    assert (line[0].number, line[-1].parents) == (39, ())
    for child, parent in pairwise(line):
        assert child.parents == (parent.number,)
        assert child.mutation is not None
        bit = child.mutation.details["bit"]
        changed = [at for at in range(16) if child.genome[at] != parent.genome[at]]
        assert changed == [bit]


def test_the_living_are_the_last_ten(history: History) -> None:
    assert [individual.number for individual in history.alive] == list(range(30, 40))


def test_science_leaves_out_seconds_and_nothing_else(history: History) -> None:
    for record in json.loads(history.science()):
        assert record["metrics"].keys() == {"valid_accuracy", "parameters"}
        assert record.keys() == {
            "number",
            "genome",
            "parents",
            "mutation",
            "removed",
            "seed",
            "state",
            "fitness",
            "metrics",
        }


def test_a_session_and_its_end(history: History) -> None:
    assert [session["event"] for session in history.sessions] == ["opened"]
    assert history.closed is not None
    assert history.closed["reason"] == "budget"
    assert history.elapsed_s >= history.told[-1].finished_s


def test_interruptions_and_events_are_counted(tmp_path: Path) -> None:
    line = Timeline(tmp_path / "run")
    line.opened(0, 2)
    line.asked(0, 1)
    line.event("interrupted", 5, number=0, attempt=1, reason="preempted", cause="interruption", device_s=4.0)
    line.event("interrupted", 9, number=0, attempt=2, reason="of a version that knew no causes")
    line.event("requeued", 12, number=0, attempt=3, job="7", restarts=1)
    line.told(0, 20, device_s=8.0)
    history = line.history()
    assert history.interruptions == [(0, "interruption", 4.0), (0, "interrupted", 0.0), (0, "requeued", 0.0)]
    assert (history.individuals[0].device_s, history.events) == (12.0, 6)
