"""The constraint: draws beyond a bound are drawn again and counted, and its values are checked."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from searches import AT_MOST_8_ONES, SPACE, Sized, bounded, ones, search

from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.evaluators.base import Metrics
from nas.evaluators.toy import Toy
from nas.reporting.facts import facts
from nas.search.constraint import Constraint


def events(folder: Path, name: str) -> list[dict[str, Any]]:
    lines = (folder / "history.jsonl").read_text().splitlines()[1:]
    return [event for event in map(json.loads, lines) if event["event"] == name]


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        (Constraint(parameters=80), "parameters"),
        (Constraint(flops=80), "flops"),  # twice the multiply-adds
        (Constraint(memory_gb=4), "memory_gb"),
        (Constraint(parameters=80, flops=80, memory_gb=4), "parameters"),  # the first bound gives the reason
        (Constraint(parameters=160, memory_gb=4), "memory_gb"),
    ],
)
def test_only_children_within_the_bounds_get_a_number(tmp_path: Path, constraint: Constraint, reason: str) -> None:
    assert max(ones(bounded(tmp_path / "free", None).history())) > 8
    history = bounded(tmp_path / "a", constraint).history()
    assert max(ones(history)) == 8  # the bound itself is allowed
    assert len(history.told) == 40
    assert [individual.number for individual in history.individuals] == list(range(40))
    assert set(history.rejected) == {reason}


def test_the_journal_counts_rejected_draws_where_there_were_any(tmp_path: Path) -> None:
    history = bounded(tmp_path / "a").history()
    counts = [event.get("rejected") for event in events(tmp_path / "a", "asked")]
    assert None in counts
    assert {} not in counts
    assert [individual.rejected for individual in history.individuals] == [count or {} for count in counts]
    total = sum(count["parameters"] for count in counts if count)
    assert history.rejected == {"parameters": total}
    assert f"{total} draws were rejected by the constraint: {total} for parameters." in facts(history).findings
    assert not any("rejected" in sentence for sentence in facts(bounded(tmp_path / "free", None).history()).findings)


def test_a_rejected_draw_is_followed_by_the_generators_next(tmp_path: Path) -> None:
    """The free search has the draw that is rejected first; where none is, both are the same individual."""
    free = bounded(tmp_path / "free", None, algorithm=RandomSearch).history()
    history = bounded(tmp_path / "a", algorithm=RandomSearch).history()
    for one, other in zip(free.individuals, history.individuals, strict=True):
        assert (one.genome == other.genome) == (not other.rejected) == (str(one.genome).count("1") <= 8)


def test_a_bound_that_nothing_exceeds_changes_nothing(tmp_path: Path) -> None:
    free = bounded(tmp_path / "free", None).history()
    wide = bounded(tmp_path / "wide", Constraint(parameters=160)).history()
    assert wide.science() == free.science()
    assert wide.rejected == {}
    assert "constraint" not in free.identity
    assert wide.identity["constraint"] == {"parameters": 160}


@pytest.mark.parametrize(
    "algorithm",
    [
        None,
        RandomSearch,
        partial(Evolution, population_size=10, sample_size=3, survival="worst_of_sample"),
    ],
    ids=["aging", "random", "non_aging"],
)
def test_resumed_wherever_it_is_cut_it_is_the_same_search(tmp_path: Path, algorithm: Any) -> None:
    changes = {"algorithm": algorithm} if algorithm else {}
    whole = bounded(tmp_path / "whole", **changes).history()
    journal = (tmp_path / "whole" / "history.jsonl").read_bytes()
    lines = [at + 1 for at, byte in enumerate(journal) if byte == 10]
    for cut in lines[::7]:
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(journal[:cut])
        resumed = bounded(folder, **changes).history()
        assert resumed.science() == whole.science(), f"cut at byte {cut}"
        assert [ind.rejected for ind in resumed.individuals] == [ind.rejected for ind in whole.individuals]


@pytest.mark.parametrize("workers", [1, 3])
def test_in_number_order_workers_give_the_same_search_again(tmp_path: Path, workers: int) -> None:
    arguments: dict[str, Any] = {"order": "number", "workers": workers, "budget": 25}
    one = bounded(tmp_path / "a", **arguments).history()
    two = bounded(tmp_path / "b", **arguments).history()
    assert one.science() == two.science()
    assert one.rejected == two.rejected != {}
    if workers == 1:
        assert one.science() == bounded(tmp_path / "inline", order="number", budget=25).history().science()


def test_verifying_finds_a_count_that_is_too_low(tmp_path: Path) -> None:
    """The recorded genome is only reached after more rejected draws than the journal says."""
    bounded(tmp_path / "a")
    path = tmp_path / "a" / "history.jsonl"
    number = next(event["number"] for event in events(tmp_path / "a", "asked") if event.get("rejected"))
    lines = path.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if '"event":"asked"' in line and f'"number":{number},' in line)
    event = json.loads(lines[at])
    del event["rejected"]
    lines[at] = json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n"
    path.write_text("".join(lines))
    with pytest.raises(UserError, match=rf"asks for another individual {number}: .* now it is rejected"):
        bounded(tmp_path / "a", budget=41)


def test_a_failed_child_does_not_count_and_the_bounds_hold(tmp_path: Path) -> None:
    result = bounded(tmp_path / "a", evaluator=Sized(unlucky=4))
    assert (result.reason, result.failed, result.spent.told) == ("budget", 1, 40)
    assert max(ones(result.history())) == 8


def test_another_constraint_is_another_search(tmp_path: Path) -> None:
    bounded(tmp_path / "a")
    with pytest.raises(UserError, match=r"differs in constraint\.parameters \(80 there, 90 here\)"):
        bounded(tmp_path / "a", Constraint(parameters=90))
    with pytest.raises(UserError, match=r"differs in constraint \(\{'parameters': 80\} there, 'nothing' here\)"):
        bounded(tmp_path / "a", None)
    assert bounded(tmp_path / "a", Constraint(parameters=80.0)).reason == "finished"


def test_default_names_tell_constraints_apart_but_not_8e1_from_80(tmp_path: Path) -> None:
    constraints = (None, Constraint(max_rejections=5), AT_MOST_8_ONES, Constraint(parameters=8e1), Constraint(flops=80))
    runs = [bounded(tmp_path, constraint, run=None, runs_dir=tmp_path, budget=1) for constraint in constraints]
    free, no_bound, one, same, other = [run.folder.name for run in runs]
    assert free == no_bound
    assert one == same
    assert len({free, one, other}) == 3


@dataclass(frozen=True)
class OnDevices(Sized):
    @property
    def images_per_pass(self) -> int | None:
        return 32


def test_what_memory_depends_on_is_part_of_the_identity_where_memory_is_bounded(tmp_path: Path) -> None:
    by_memory = bounded(tmp_path / "a", Constraint(memory_gb=4), evaluator=OnDevices()).history()
    assert by_memory.identity["constraint"] == {"memory_gb": 4, "images_per_pass": 32}
    by_parameters = bounded(tmp_path / "b", evaluator=OnDevices()).history()
    assert by_parameters.identity["constraint"] == {"parameters": 80}


@pytest.mark.parametrize("name", ["parameters", "flops", "memory_gb"])
@pytest.mark.parametrize("value", [0, -1, "1", True, float("inf"), float("nan")])
def test_every_bound_is_positive_and_finite(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"constraint\.{name} is .*, it must be greater than 0"):
        Constraint(**{name: value})


@pytest.mark.parametrize("value", [0, 1.5, True, None, "many"])
def test_the_number_of_rejections_is_whole(value: Any) -> None:
    with pytest.raises(UserError, match=r"constraint\.max_rejections is .*, it must be a whole number of at least 1"):
        Constraint(max_rejections=value)


@dataclass(frozen=True)
class OnlyParameters(Sized):
    def cost(self, genome: Any) -> Metrics:
        return {"parameters": 1}


@pytest.mark.parametrize(
    ("evaluator", "constraint", "words"),
    [
        (
            Toy(space=SPACE, noise=0.0, counted=1),
            Constraint(parameters=5),
            "constraint.parameters is 5, but evaluator=toy does not know",
        ),
        (lambda genome, seed: 0.5, Constraint(flops=5), "constraint.flops is 5, but evaluator=function does not know"),
        (OnlyParameters(), Constraint(parameters=5, memory_gb=1), "trains it; it knows parameters"),
    ],
    ids=["toy", "function", "parameters"],
)
def test_what_the_evaluator_does_not_know_is_told_before_anything_is_written(
    tmp_path: Path, evaluator: Any, constraint: Constraint, words: str
) -> None:
    with pytest.raises(UserError) as caught:
        bounded(tmp_path / "a", constraint, evaluator=evaluator)
    assert words in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_no_bound_is_no_constraint(tmp_path: Path) -> None:
    assert "constraint" not in search(tmp_path / "a", constraint=Constraint()).history().identity
