"""One run of W&B for each child of a small search."""

from pathlib import Path
from typing import Any

from flaky import measure
from wandb_files import inspect, rows, run_record, sessions, summary

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.search_spaces.bits import Bits
from nas.tracking import wandb_children
from nas.tracking.wandb_tracker import WandbTracker


def search(folder: Path, budget: int) -> History:
    space = Bits(num_bits=12)
    return run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=3, sample_size=2, survival="oldest"),
        evaluator=measure,
        budget=budget,
        run=folder,
        trackers=[WandbTracker(project="nas", entity=None, group=None, tags=["mine"], mode="auto", children=True)],
    ).history()


def runs(folder: Path) -> dict[int | None, list[dict[str, Any]]]:
    """The records of each child's run, and of the search's under None."""
    found = {}
    for session in sessions(folder):
        records = inspect(session)
        _, is_child, number = run_record(records)["run_id"].partition("-child-")
        assert (int(number) if is_child else None) not in found
        found[int(number) if is_child else None] = records
    return found


def config(records: list[dict[str, Any]]) -> dict[str, Any]:
    update = run_record(records)["config"]["update"]
    return {key: value for key, value in update.items() if key != "_wandb"}


def test_each_child_has_a_run_grouped_under_the_search(tmp_path):
    history = search(tmp_path / "demo", 5)
    found = runs(tmp_path / "demo")
    own = found.pop(None)
    assert found.keys() == {individual.number for individual in history.individuals}
    assert len(rows(own)) == 5
    for number, records in found.items():
        individual, about = history.individuals[number], run_record(records)
        assert (about["run_group"], about["job_type"], about["display_name"]) == ("demo", "child", f"demo/{number}")
        assert about["tags"] == ["aging", "bits", "mine"]
        assert config(records) == {
            "number": number,
            "genome": individual.genome,
            "parents": list(individual.parents),
            "mutation": individual.mutation.name if individual.mutation else "random",
            "mutation_details": dict(individual.mutation.details) if individual.mutation else {},
            "seed": individual.seed,
        }
        end = summary(records)
        assert (end["state"], end["reason"]) == (individual.state, individual.reason)
        if individual.state == "told":
            assert rows(records) == [{"step": 0, "fitness": individual.fitness, **individual.metrics}]


def test_a_resumed_search_logs_only_the_children_that_are_missing(tmp_path):
    search(tmp_path / "demo", 2)
    before = {path.name for path in sessions(tmp_path / "demo") if "-child-" in path.name}
    history = search(tmp_path / "demo", 4)
    found = runs(tmp_path / "demo")
    assert found.keys() - {None} == {individual.number for individual in history.individuals}
    assert before <= {path.name for path in sessions(tmp_path / "demo")}
    assert len(rows(found[None])) == 4


def test_large_searches_have_none_beyond_a_number(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(wandb_children, "MOST_CHILDREN", 3)
    search(tmp_path / "demo", 5)
    assert len(runs(tmp_path / "demo").keys() - {None}) == 3
    (record,) = [one for one in caplog.records if one.name.startswith("nas")]
    assert "up to 3 children" in record.getMessage()


def test_online(tmp_path, logged_in):
    history = search(tmp_path / "demo", 4)
    identifier = (tmp_path / "demo" / "wandb" / "run-id").read_text()
    numbers = [individual.number for individual in history.individuals]
    assert logged_in.runs.keys() == {identifier, *(f"{identifier}-child-{number}" for number in numbers)}
    assert {logged_in.runs[name].said("groupName") for name in logged_in.runs if "-child-" in name} == {"demo"}
