"""Real wandb, offline, read back with wandb's own tool."""

from pathlib import Path
from typing import Any

import pytest
from example_runs import example_run
from flaky import measure
from tests_cli import evolve
from wandb_files import artifacts, assert_rows, expected_rows, inspect, rows, run_record, sessions, summary, table

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.errors import UserError
from nas.search.weights import weight_file
from nas.search_spaces.bits import Bits
from nas.tracking.wandb_tracker import WandbTracker


def tracker(**changes: Any) -> WandbTracker:
    arguments = {"project": "nas", "entity": None, "group": None, "tags": ["mine"], "mode": "auto", "children": False}
    return WandbTracker(**{**arguments, **changes})


def search(folder: Path, budget: int = 30, **more: Any) -> History:
    space = Bits(num_bits=12)
    algorithm = Evolution(space=space, population_size=8, sample_size=3, survival="oldest")
    given = {"space": space, "algorithm": algorithm, "evaluator": measure, "budget": budget, "run": folder}
    return run_search(**{**given, "trackers": [tracker()], **more}).history()


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A search of 30 evaluations and what wandb has of it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("tracked") / "demo"
        patch.setenv("WANDB_MODE", "offline")
        search(folder)
    (session,) = sessions(folder)
    return folder, inspect(session)


def test_rows_equal_the_journal(tracked):
    folder, records = tracked
    assert_rows(rows(records), expected_rows(folder))


def test_configuration_names_and_tags(tracked):
    folder, records = tracked
    run = run_record(records)
    config = {key: value for key, value in run["config"]["update"].items() if key != "_wandb"}
    assert config == History.load(folder).identity
    assert (run["display_name"], run["project"], run["run_group"], run["job_type"]) == ("demo", "nas", "bits", "search")
    assert run["tags"] == ["aging", "bits", "mine"]


def test_axes(tracked):
    metrics = [one["metric"] for one in tracked[1] if one["type"] == "metric"]
    steps = {metric.get("name") or metric["glob_name"]: metric.get("step_metric") for metric in metrics}
    assert steps["*"] == "evaluations"
    assert steps["best/valid_by_train_flops"] == "spent/train_flops"
    assert steps["best/valid_by_device_hours"] == "spent/device_hours"
    assert {"evaluations", "spent/train_flops", "spent/device_hours"} <= steps.keys()


def test_the_summary_has_the_best_and_the_area(tracked):
    folder, records = tracked
    history, found = History.load(folder), summary(records)
    best = history.best
    assert (found["best/valid"], found["best/number"]) == (best.fitness, best.number)
    assert found["best/flops"] == 2 * best.metrics["multiply_adds"]
    assert found["auc"] == pytest.approx(expected_rows(folder)[-1]["auc"])
    failed = sum(individual.state == "failed" for individual in history.individuals)
    assert (found["evaluations"], found["failed"], found["reason"]) == (30, failed, "budget")


def test_the_lineage_table_has_every_individual(tracked):
    folder, records = tracked
    history = History.load(folder)
    (path,) = artifacts(records)[f"lineage-{run_record(records)['run_id']}"].values()
    assert path.is_relative_to(folder)
    found = table(path)
    assert len(found) == len(history.individuals)
    for row, individual in zip(found, history.individuals, strict=True):
        assert (row["number"], row["state"]) == (individual.number, individual.state)
        assert row["fitness"] == individual.fitness
        assert row["parents"] == ",".join(map(str, individual.parents))
        assert row["architecture"] == individual.genome
        assert row["note"] == individual.metrics.get("note")
    assert {row["reason"] for row in found} == {None, "RuntimeError: <b>out of memory</b>"}
    assert {row["mutation"] for row in found} == {"random", "flip"}


def test_the_offline_run_is_told_to_the_user(tmp_path, capfd):
    search(tmp_path / "demo", budget=3)
    (session,) = sessions(tmp_path / "demo")
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == (f"W&B was offline; to upload the run: wandb sync {session}\n", "")


def test_a_resumed_search_is_logged_whole_into_one_folder(tmp_path):
    search(tmp_path / "demo", budget=10)
    (first,) = sessions(tmp_path / "demo")
    before = run_record(inspect(first))
    search(tmp_path / "demo", budget=25)
    (second,) = sessions(tmp_path / "demo")
    records = inspect(second)
    assert run_record(records)["run_id"] == before["run_id"]
    assert_rows(rows(records), expected_rows(tmp_path / "demo"))
    assert first == second or not first.exists()  # sessions of one second have folders of one name
    assert not list((tmp_path / "demo").rglob("superseded-*/*.wandb"))
    assert (tmp_path / "demo" / "wandb" / f"superseded-{first.name}").is_dir()


def test_a_finished_search_is_left_alone(tmp_path):
    search(tmp_path / "demo", budget=5)
    before = sessions(tmp_path / "demo")
    search(tmp_path / "demo", budget=5)
    assert sessions(tmp_path / "demo") == before


def test_everything_lies_in_the_run_folder(tmp_path, monkeypatch):
    for name in ("elsewhere", "data", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    search(tmp_path / "run", budget=5)
    assert not [*(tmp_path / "elsewhere").iterdir(), *(tmp_path / "data").iterdir()]
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"environment.json", "history.jsonl", "wandb"}


def test_drawing_report_and_weights(tmp_path):
    def report(folder: Path) -> None:
        (folder / "report.html").write_text("<html>")
        best = History.load(folder).best
        weight_file(folder, best.number).parent.mkdir()
        weight_file(folder, best.number).write_bytes(b"weights")

    example_run(tmp_path / "demo", "cells", 8, trackers=[tracker()], report=report)
    records = inspect(*sessions(tmp_path / "demo"))
    found, identifier = artifacts(records), run_record(records)["run_id"]
    assert found[f"report-{identifier}"]["report.html"].read_text() == "<html>"
    assert found[f"model-{identifier}"]["weights.pt"].read_bytes() == b"weights"
    drawn = found[f"architecture-{identifier}"]
    assert {"normal.svg", "reduction.svg"} <= drawn.keys()
    assert "<svg" in drawn["normal.svg"].read_text()
    assert run_record(records)["run_group"] == "cells-digits"


def test_a_report_of_an_earlier_session_is_not_taken(tmp_path):
    search(tmp_path / "demo", budget=5, report=lambda folder: (folder / "report.html").write_text("old"))
    search(tmp_path / "demo", budget=10)
    records = inspect(*sessions(tmp_path / "demo"))
    assert not [name for name in artifacts(records) if name.startswith("report")]


def test_only_failures(tmp_path):
    def fail(genome: Any, seed: int) -> float:
        raise RuntimeError("no")

    result = search(tmp_path / "demo", evaluator=fail, max_failures=3)
    records = inspect(*sessions(tmp_path / "demo"))
    assert rows(records) == []
    assert (summary(records)["failed"], summary(records)["reason"]) == (len(result.individuals), "failures")
    assert next(one["exit"] for one in records if one["type"] == "exit")["exit_code"] == 1


def test_switched_off_by_the_environment(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    search(tmp_path / "demo", budget=5)
    assert sessions(tmp_path / "demo") == []
    assert capfd.readouterr() == ("", "")


def test_nobody_is_asked_for_a_key(tmp_path, caplog):
    search(tmp_path / "demo", budget=5, trackers=[tracker(mode="online")])
    assert "nobody has logged in" in caplog.text
    assert len(sessions(tmp_path / "demo")) == 1


@pytest.mark.parametrize("value", ["cloud", None, 1])
def test_another_mode_is_refused(value):
    with pytest.raises(UserError, match=rf"{value!r}.*auto, online, offline"):
        tracker(mode=value)


def test_children_is_a_truth_value():
    with pytest.raises(UserError, match=r"tracker\.children is 'some'"):
        tracker(children="some")


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("wandb.py", "raise ImportError('libfoo.so is missing')", "ImportError: libfoo.so is missing"),
        ("wandb/__init__.py", "", "it is not installed"),  # a folder of what wandb wrote can be imported too
    ],
)
def test_without_wandb_no_search_begins(tmp_path, file, content, why):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content)
    done = evolve("experiment=toy", "tracker=wandb", f"run={tmp_path}/run", path=tmp_path)
    said = f"nas: tracker=wandb cannot import wandb ({why}): pip install wandb, or say tracker=none\n"
    assert (done.returncode, done.stderr, done.stdout) == (2, said, "")
    assert not (tmp_path / "run").exists()
