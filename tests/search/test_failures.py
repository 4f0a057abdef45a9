"""When failing children stop a search."""

import json
from pathlib import Path
from typing import Any

import pytest
from searches import search

from nas.errors import UserError
from nas.search.failures import FailureLimit


def test_enough_failures_stop_it_if_they_are_more_than_half() -> None:
    limit = FailureLimit(max_failures=3)
    for _ in range(3):
        limit.succeeded()
    for _ in range(3):
        limit.failed("a")
    assert not limit.exceeded  # half
    limit.failed("b")
    assert limit.exceeded
    assert limit.sentence == "4 of 7 children failed, 3 of them with: a"


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3"])
def test_values_out_of_range(value: Any) -> None:
    with pytest.raises(UserError, match="max_failures is"):
        FailureLimit(max_failures=value)


def sometimes(genome: Any, seed: int) -> float:
    if seed % 3 == 0:
        raise ValueError("line one\nline two")
    return sum(genome) / 16


def test_a_failed_child_is_data(tmp_path: Path) -> None:
    """Its reason is one line, its traceback is in the journal, and it is never a parent."""
    history = search(tmp_path / "a", evaluator=sometimes).history()
    failed = [individual for individual in history.individuals if individual.state == "failed"]
    assert len(history.told) == 40
    assert len(failed) > 5
    parents = {parent for individual in history.individuals for parent in individual.parents}
    for individual in failed:
        assert individual.reason == "ValueError: line one"
        assert individual.fitness is None
        assert individual.number not in parents
    events = [json.loads(line) for line in (tmp_path / "a" / "history.jsonl").read_text().splitlines()]
    tracebacks = [event["traceback"] for event in events if event.get("event") == "failed"]
    assert len(tracebacks) == len(failed)
    assert all("in sometimes" in text and "line two" in text for text in tracebacks)


def broken(genome: Any, seed: int) -> float:
    raise RuntimeError("broken")


def test_with_several_workers_what_is_in_flight_is_cancelled(tmp_path: Path) -> None:
    stopped = search(tmp_path / "a", evaluator=broken, workers=3)
    assert (stopped.reason, stopped.failed, stopped.spent.told) == ("failures", 10, 0)
    assert all(individual.state in ("failed", "cancelled") for individual in stopped.history().individuals)


def test_after_a_repair_the_search_goes_on(tmp_path: Path) -> None:
    """What failed has failed; the session that follows counts anew."""

    def repaired(genome: Any, seed: int) -> float:
        return sum(genome) / 16

    def failing(genome: Any, seed: int) -> float:
        raise RuntimeError("broken")

    failing.__qualname__ = repaired.__qualname__
    assert search(tmp_path / "a", evaluator=failing).reason == "failures"
    result = search(tmp_path / "a", evaluator=repaired)
    assert (result.reason, result.failed, result.spent.told) == ("budget", 10, 40)
    assert [individual.number for individual in result.history().told] == list(range(10, 50))


def no_fitness(genome: Any, seed: int) -> dict[str, float]:
    return {"accuracy": 0.5}


def test_a_missing_fitness_names_the_metrics_there_are(tmp_path: Path) -> None:
    result = search(tmp_path / "a", evaluator=no_fitness)
    assert result.reason == "failures"
    assert "'valid_accuracy' is no finite number but None (metrics: accuracy)" in result.message
