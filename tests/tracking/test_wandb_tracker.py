"""Real wandb, offline, read back with wandb's own tool."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nas.errors import UserError
from nas.search.history import History
from nas.search.individual import Individual, State
from nas.search.journal import Journal
from nas.search_spaces.base import Mutation
from nas.tracking.base import Context, Progress, Summary
from nas.tracking.wandb_tracker import WandbTracker

IDENTITY = {
    "search_space": {"name": "cells", "num_combinations": 5},
    "algorithm": {"name": "aging", "population_size": 2},
    "evaluator": {"name": "train", "dataset": {"name": "cifar10"}},
    "seed": 3,
}


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "WANDB_RUN_ID", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def tracker(**changes) -> WandbTracker:
    return WandbTracker(
        **{"project": "nas", "entity": None, "group": None, "tags": ["mine"], "mode": "auto", "children": False, **changes}
    )


def individual(number: int, fitness: float, removed: tuple[int, ...] = ()) -> Individual:
    parents, mutation = ((number - 1,), Mutation("hidden_state", {"cell": "normal"})) if number else ((), None)
    return Individual(
        number=number,
        genome="0110",
        seed=number,
        parents=parents,
        mutation=mutation,
        removed=removed,
        state=State.TOLD,
        fitness=fitness,
        metrics={"valid_accuracy": fitness, "parameters": 1000 + number, "train_s": 1.5, "diverged": False},
    )


def record(journal: Journal, child: Individual) -> None:
    """Asked and told, as the loop journals them."""
    mutation = {"name": child.mutation.name, "details": dict(child.mutation.details)} if child.mutation else None
    asked = {"genome": child.genome, "seed": child.seed, "parents": child.parents, "mutation": mutation}
    journal.append("asked", number=child.number, removed=[], **asked)
    told = {"fitness": child.fitness, "metrics": child.metrics, "removed": child.removed}
    journal.append("told", number=child.number, attempt=1, **told)


def progress(told: int, best: float) -> Progress:
    return Progress(
        told=told,
        failed=1,
        in_flight=0,
        budget_fraction=told / 10,
        best_number=0,
        best_fitness=best,
        elapsed_s=told / 2,
    )


def inspect(folder: Path) -> list[dict]:
    """The records of an offline run."""
    program = shutil.which("wandb", path=str(Path(sys.executable).parent)) or "wandb"
    command = [program, "leet", "inspect", "--json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(records: list[dict]) -> list[dict]:
    """What was logged, step by step, without wandb's own keys."""
    items = [
        (record["history"]["step"]["num"], record["history"]["item"])
        for record in records
        if record["type"] == "history"
    ]
    return [{"step": step} | {key: value for key, value in item.items() if key[0] != "_"} for step, item in items]


def offline_folders(folder: Path) -> list[Path]:
    return sorted((folder / "wandb").glob("offline-run-*"))


def test_rows_equal_the_journal(tmp_path, capfd):
    """A search's journal, row by row, as wandb has it."""
    tracked, journal = (
        tracker(),
        Journal(tmp_path / "history.jsonl", {"identity": IDENTITY, "versions": {}, "commit": None}),
    )
    tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY, evaluations=10))
    fitness = [0.5, 0.625, 0.25, 0.75]
    for number, value in enumerate(fitness):
        child = individual(number, value, removed=(number - 2,) if number >= 2 else ())
        record(journal, child)
        tracked.told(child, progress(number + 1, max(fitness[: number + 1])))
    tracked.closed(Summary(reason="budget", progress=progress(4, 0.75)))
    journal.close()
    history = History.load(tmp_path)
    (folder,) = offline_folders(tmp_path)
    expected = [
        {
            **told.metrics,
            "step": evaluation,
            "evaluations": evaluation,
            "number": told.number,
            "fitness": told.fitness,
            "mutation": told.mutation.name if told.mutation else "random",
            "parents": ",".join(map(str, told.parents)),
            "best_fitness": max(other.fitness for other in history.told[:evaluation]),
            "best_number": 0,
            "failed": 1,
            "elapsed_s": evaluation / 2,
        }
        for evaluation, told in enumerate(history.told, start=1)
    ]
    logged = rows(inspect(folder))
    populations = [(row.pop("population_size"), row.pop("population_mean")) for row in logged]
    assert logged == expected
    assert populations == [(1, 0.5), (2, 0.5625), (2, 0.4375), (2, 0.5)]
    printed = capfd.readouterr()
    assert printed.out == f"W&B was offline; to upload the run: wandb sync {folder}\n"
    assert printed.err == ""


def test_configuration_tags_group_and_axes(tmp_path):
    tracked = tracker()
    tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY))
    tracked.closed(Summary(reason="stopped", progress=progress(0, 0.5)))
    records = inspect(*offline_folders(tmp_path))
    run = next(record["run"] for record in records if record["type"] == "run")
    assert {key: value for key, value in run["config"]["update"].items() if key != "_wandb"} == IDENTITY
    assert (run["display_name"], run["project"], run["run_group"]) == ("demo", "nas", "cells-cifar10")
    assert run["tags"] == ["aging", "cells", "cifar10", "mine"]
    metrics = [record["metric"] for record in records if record["type"] == "metric"]
    assert {"evaluations", "elapsed_s"} <= {metric.get("name") for metric in metrics}
    assert any(metric.get("glob_name") == "*" and metric["step_metric"] == "evaluations" for metric in metrics)


def test_the_summary_has_the_best(tmp_path):
    tracked = tracker()
    tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY))
    tracked.told(individual(0, 0.5), progress(1, 0.5))
    tracked.closed(Summary(reason="budget", progress=progress(1, 0.5)))
    summary: dict = {}
    for item in inspect(*offline_folders(tmp_path)):
        summary |= item["summary"]["update"] if item["type"] == "summary" else {}
    assert (summary["best"], summary["best_number"], summary["reason"]) == (0.5, 0, "budget")


def test_a_resumed_search_goes_on_under_the_same_id(tmp_path):
    journal = Journal(tmp_path / "history.jsonl", {"identity": IDENTITY, "versions": {}, "commit": None})
    for told in (0, 1):
        tracked = tracker()
        tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY, told=told))
        child = individual(told, 0.5 + told / 4)
        record(journal, child)
        tracked.told(child, progress(told + 1, 0.75))
        tracked.closed(Summary(reason="stopped", progress=progress(told + 1, 0.75)))
        time.sleep(1.1)  # wandb names folders by the second
    journal.close()
    records = [inspect(folder) for folder in offline_folders(tmp_path)]
    ids = {record["run"]["run_id"] for part in records for record in part if record["type"] == "run"}
    assert len(records) == 2
    assert len(ids) == 1
    assert [(row["step"], row["fitness"], row["population_size"]) for part in records for row in rows(part)] == [
        (1, 0.5, 1),
        (2, 0.75, 2),
    ]


def test_everything_lies_in_the_run_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    tracked = tracker()
    tracked.opened(Context(run="demo", folder=tmp_path / "run", identity=IDENTITY))
    tracked.closed(Summary(reason="stopped", progress=progress(0, 0.5)))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["wandb"]


def test_a_key_without_a_network_falls_back_to_offline(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("nas.tracking.wandb_tracker.INIT_TIMEOUT_S", 1.0)
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    tracked = tracker()
    tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY))
    tracked.told(individual(0, 0.5), progress(1, 0.5))
    tracked.closed(Summary(reason="budget", progress=progress(1, 0.5)))
    assert "kept offline" in caplog.text
    assert len(rows(inspect(*offline_folders(tmp_path)))) == 1


def test_auto_is_online_with_a_login_alone(monkeypatch, tmp_path):
    assert tracker()._resolved_mode() == "offline"
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password secret\n")
    assert tracker()._resolved_mode() == "online"
    assert tracker(mode="offline")._resolved_mode() == "offline"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert tracker()._resolved_mode() == "disabled"


def test_switched_off_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    tracked = tracker()
    tracked.opened(Context(run="demo", folder=tmp_path, identity=IDENTITY))
    tracked.told(individual(0, 0.5), progress(1, 0.5))
    tracked.closed(Summary(reason="budget", progress=progress(1, 0.5)))
    assert offline_folders(tmp_path) == []


def test_another_mode_is_refused():
    with pytest.raises(UserError, match=r"'cloud'.*auto, online, offline"):
        tracker(mode="cloud")
