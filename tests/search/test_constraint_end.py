"""The end of a search whose constraint rejects too many draws in a row."""

import json
from pathlib import Path
from random import Random

import pytest
from searches import bounded, ones

from nas import History
from nas.algorithms.base import Evaluated, Proposal
from nas.algorithms.random_search import RandomSearch
from nas.reporting.facts import facts
from nas.search.constraint import Constraint

NOTHING_FITS = Constraint(parameters=1)


def test_too_many_rejected_draws_in_a_row_end_the_search(tmp_path: Path) -> None:
    result = bounded(tmp_path / "a", NOTHING_FITS)
    assert (result.reason, result.spent.told) == ("constraint", 0)
    smallest = 10 * min(ones(bounded(tmp_path / "free", None, algorithm=RandomSearch, budget=1).history()))
    start, _, rest = result.message.partition("=1 (the smallest had ")
    assert start == "1000 draws in a row were rejected: 1000 for parameters above constraint.parameters"
    assert rest.endswith(")")
    assert 10 <= int(rest[:-1]) <= smallest
    assert "\n" not in result.message
    history = result.history()
    assert history.closed is not None
    assert history.closed["reason"] == "constraint"
    assert history.rejected == {"parameters": 1000}
    assert facts(history).status == "gave up"
    again = bounded(tmp_path / "a", NOTHING_FITS)
    assert (again.reason, again.message) == (result.reason, result.message)
    assert History.load(tmp_path / "a").rejected == {"parameters": 1000}  # the same draws


def test_the_sentence_gives_every_bound_that_was_exceeded(tmp_path: Path) -> None:
    constraint = Constraint(parameters=60, memory_gb=1.25, max_rejections=200)
    result = bounded(tmp_path / "a", constraint, algorithm=RandomSearch)
    assert result.reason == "constraint"
    rejected = result.history().rejected
    assert rejected["parameters"] > rejected["memory_gb"] > 0
    assert "for memory_gb above constraint.memory_gb=1.25 (the smallest had 1.5)" in result.message
    assert "for parameters above constraint.parameters=60 (the smallest had 70)" in result.message


@pytest.mark.parametrize("workers", [0, 3])
def test_children_in_flight_are_told_before_it_ends(tmp_path: Path, workers: int) -> None:
    """Seed 9 draws seven random children that are within the bound, then one that is not."""
    once = Constraint(parameters=80, max_rejections=1)
    result = bounded(tmp_path / "a", once, workers=workers, budget=200, seed=9)
    history = result.history()
    assert result.reason == "constraint"
    assert [individual.state for individual in history.individuals] == ["told"] * 7
    assert history.rejected == {"parameters": 1}
    journal = (tmp_path / "a" / "history.jsonl").read_text()
    again = bounded(tmp_path / "a", once, workers=workers, budget=200, seed=9)
    assert again.reason == "constraint"
    assert again.history().science() == history.science()
    assert (tmp_path / "a" / "history.jsonl").read_text().startswith(journal)


class ZerosOnceTold(RandomSearch):
    """Asks for zeros first, then for ones until a child is told."""

    _told = 0

    def ask(self, rng: Random) -> Proposal:
        return Proposal((0 if self._told or not self._asked else 1,) * 16)

    _asked = 0

    def asked(self, number: int, proposal: Proposal) -> None:
        self._asked += 1

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        self._told += 1
        return (individual.number,)


def test_what_is_told_meanwhile_may_let_a_draw_through(tmp_path: Path) -> None:
    result = bounded(tmp_path / "a", algorithm=ZerosOnceTold, workers=3, budget=5)
    assert (result.reason, result.spent.told, result.message) == ("budget", 5, "")
    order = [event["event"] for event in map(json.loads, (tmp_path / "a" / "history.jsonl").open()) if "event" in event]
    assert order.index("told") < [at for at, event in enumerate(order) if event == "asked"][1]


def test_a_larger_number_of_rejections_goes_on(tmp_path: Path) -> None:
    once = Constraint(parameters=80, max_rejections=1)
    assert bounded(tmp_path / "a", once, seed=9).spent.told == 7
    assert bounded(tmp_path / "a", seed=9).reason == "budget"
    assert History.load(tmp_path / "a").science() == bounded(tmp_path / "whole", seed=9).history().science()
    lowered = bounded(tmp_path / "a", once, seed=9, budget=200)
    assert lowered.reason == "constraint"  # what is in the journal is verified all the same
