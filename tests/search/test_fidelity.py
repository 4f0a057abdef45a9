"""Fidelity: journaled, resumed, refused where nobody knows it, and never compared with another."""

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nas import Fidelity, run_search
from nas.algorithms.base import Proposal
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.evaluators.toy import Toy
from nas.fidelity import is_better, of_highest
from nas.reporting.children import children_of, records
from nas.reporting.columns import columns
from nas.reporting.figures.sample import rises
from nas.reporting.report import write_report
from nas.search.budget import Budget
from nas.search.history import History
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from nas.tracking.rows import Rows, endings

SPACE = Bits(num_bits=8)
LOW = Fidelity(epochs=3)


@dataclass
class Cheap(RandomSearch):
    """Random search that evaluates two of three children at three epochs."""

    def ask(self, rng: Random) -> Proposal:
        return replace(super().ask(rng), fidelity=None if rng.random() < 1 / 3 else LOW)


def measured(genome: Any, seed: int, fidelity: Fidelity | None = None) -> dict[str, Any]:
    """Low fidelities flatter: comparing them with full ones would be seen."""
    share = sum(genome) / 8
    if fidelity is None:
        return {"valid_accuracy": share / 2, "epochs": 9}
    return {"valid_accuracy": share, "epochs": fidelity.epochs}


def search(folder: Path, budget: int | Budget = 30, algorithm: Any = None, evaluator: Any = measured) -> History:
    parts: dict[str, Any] = {"space": SPACE, "algorithm": algorithm or Cheap(SPACE), "evaluator": evaluator}
    return run_search(**parts, budget=budget, run=folder, verify=True).history()


def test_the_evaluator_gets_it_and_the_journal_has_it(tmp_path: Path) -> None:
    history = search(tmp_path / "run")
    events = [json.loads(line) for line in history.path.read_text().splitlines()[1:]]
    asked = [event.get("fidelity") for event in events if event["event"] == "asked"]
    assert {json.dumps(fidelity) for fidelity in asked} == {"null", '{"epochs": 3}'}
    assert [one.metrics["epochs"] for one in history.individuals] == [3 if fidelity else 9 for fidelity in asked]
    assert [one.fidelity for one in history.individuals] == [Fidelity.read(fidelity) for fidelity in asked]


def test_resuming_gives_the_same_search(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole").science()
    search(tmp_path / "parts", budget=11)
    assert search(tmp_path / "parts").science() == whole
    assert '"fidelity":{"epochs":3}' in whole


def test_another_fidelity_is_another_search(tmp_path: Path) -> None:
    history = search(tmp_path / "run", budget=5)
    changed = history.path.read_text().replace('"fidelity":{"epochs":3}', '"fidelity":{"epochs":4}')
    history.path.write_text(changed)
    with pytest.raises(UserError, match=r"at epochs=4, now it is .* at epochs=3"):
        search(tmp_path / "run")


def test_the_best_is_the_fittest_of_the_highest(tmp_path: Path) -> None:
    history = search(tmp_path / "run")
    full = [one for one in history.told if one.fidelity is None]
    best = max(full, key=lambda one: one.fitness or 0.0)
    assert history.best is best
    assert max(one.fitness or 0.0 for one in history.told) > (best.fitness or 0.0)
    assert history.top(3)[0] is best
    assert all(one.fidelity is None for one in history.top(100))
    result = run_search(space=SPACE, algorithm=Cheap(SPACE), evaluator=measured, budget=30, run=history.path.parent)
    assert result.best is not None
    assert result.best.number == best.number


def test_the_report_compares_at_equal_fidelity(tmp_path: Path) -> None:
    history = search(tmp_path / "run")
    full = {one.number for one in history.told if one.fidelity is None}
    of_all = columns(history)
    assert {one.number for _, one in rises(history.told)} <= full
    assert set(records(of_all).tolist()) == {one.number for _, one in rises(history.told)}
    assert set(of_all.numbers_compared.tolist()) == full
    assert "at epochs=3" in write_report(history.path.parent).read_text()


@dataclass(kw_only=True)
class CheapEvolution(Evolution):
    """Mixes fidelities in one population, which it may not."""

    def ask(self, rng: Random) -> Proposal:
        return replace(super().ask(rng), fidelity=None if rng.random() < 1 / 3 else LOW)


def test_tournaments_of_several_fidelities_are_refused(tmp_path: Path) -> None:
    algorithm = CheapEvolution(space=SPACE, population_size=8, sample_size=3, survival="oldest")
    with pytest.raises(UserError, match="this algorithm compares individuals of one fidelity"):
        search(tmp_path / "run", algorithm=algorithm)


@dataclass(kw_only=True)
class AlwaysCheap(Evolution):
    def ask(self, rng: Random) -> Proposal:
        return replace(super().ask(rng), fidelity=LOW)


def test_one_fidelity_for_all_is_a_search_like_any(tmp_path: Path) -> None:
    history = search(
        tmp_path / "run", algorithm=AlwaysCheap(space=SPACE, population_size=8, sample_size=3, survival="oldest")
    )
    assert len(history.comparable) == 30
    children = children_of(history.individuals, columns(history))
    assert children.compared.all()
    assert len(children.change) == len([one for one in history.told if one.parents])


def test_an_evaluator_that_knows_none_refuses_before_anything_is_journaled(tmp_path: Path) -> None:
    toy = Toy(space=SPACE, noise=0.01, counted=1)
    cheap = AlwaysCheap(space=SPACE, population_size=8, sample_size=3, survival="oldest")
    sentence = r"asks for fidelity epochs=3, which evaluator=toy does not know \(it knows none\)"
    with pytest.raises(UserError, match=sentence):
        search(tmp_path / "run", algorithm=cheap, evaluator=toy)
    assert "asked" not in (tmp_path / "run" / "history.jsonl").read_text()


def test_rows_of_trackers_say_it(tmp_path: Path) -> None:
    history, follow = search(tmp_path / "run"), Rows()
    table = [follow.add(individual, spent_s) for individual, spent_s in endings(history.path.parent)]
    assert [row.get("fidelity/epochs") if row else 0 for row in table] == [
        3 if one.fidelity else None for one in history.told
    ]
    assert table[-1] is not None
    assert history.best is not None
    assert table[-1]["best/number"] == history.best.number


def individual(fitness: float, fidelity: Fidelity | None = None) -> Individual:
    return Individual(0, (), 0, fitness=fitness, fidelity=fidelity)


def test_the_order_of_fidelities() -> None:
    ascending = [
        Fidelity(epochs=1, image_size=8),
        Fidelity(epochs=1),
        Fidelity(epochs=3, fraction=0.5),
        Fidelity(epochs=3),
        Fidelity(fraction=0.25),
        Fidelity(image_size=16),
        None,
    ]
    for lower, higher in pairwise(ascending):
        assert is_better(individual(0.1, higher), individual(0.9, lower))
        assert not is_better(individual(0.9, lower), individual(0.1, higher))
    assert not is_better(individual(0.5, LOW), individual(0.5, Fidelity(epochs=3)))  # the first told among equals
    assert of_highest([individual(0.1, LOW), individual(0.2)]) == [individual(0.2)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"epochs": 0}, "fidelity.epochs is 0"),
        ({"epochs": 1.5}, "fidelity.epochs is 1.5"),
        ({"epochs": True}, "fidelity.epochs is True"),
        ({"fraction": 1.0}, "above 0 and below 1"),
        ({"fraction": "half"}, "fidelity.fraction is 'half'"),
        ({"image_size": -8}, "fidelity.image_size is -8"),
        ({"epoch": 3}, "did you mean epochs"),
        ({}, "sets at least one of epochs, fraction, image_size"),
        (3, "a fidelity is 3"),
    ],
)
def test_what_is_no_fidelity_is_told_in_a_sentence(data: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Fidelity.read(data)
