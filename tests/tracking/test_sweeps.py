"""Sweeps: the files hold what W&B's optimiser and Hydra want, and a real agent runs real searches."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests_cli import ROOT
from wandb_cloud import SWEEP
from wandb_files import assert_rows, events, expected_rows, inspect, program, rows, rows_there, run_record, sessions

from benchmarks.peers import python_of
from nas import History
from nas.application import config_folder
from nas.evolve import build_parts
from nas.study_searches import compose_search

FILES = sorted((config_folder() / "sweep").glob("*.yaml"))
REQUIREMENTS = ["sweeps==0.3.0"]  # needs numpy below 2, so it has an environment of its own
AGENT = "import sys, wandb.wandb_agent as a; a.Agent.POLL_INTERVAL = 0.2; a.agent(sys.argv[1])"


def overrides(config: dict[str, Any], point: dict[str, Any]) -> list[str]:
    """What the command line of a point gives to Hydra."""
    command = config["command"]
    assert command[:4] == ["${env}", "${interpreter}", "-m", "nas.evolve"]
    assert command[-1] == "${args_no_hyphens}"
    return [*command[4:-1], *(f"{key}={value}" for key, value in point.items())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_tracks_what_it_optimises_and_its_points_compose(path):
    config = yaml.safe_load(path.read_text())
    assert config["metric"] == {"name": "best/valid", "goal": "maximize"}
    assert "tracker=wandb" in config["command"]
    ends = [one.get("values", [one.get("min"), one.get("max")]) for one in config["parameters"].values()]
    identities = set()
    for values in itertools.product(*ends):
        composed = compose_search(overrides(config, dict(zip(config["parameters"], values, strict=True))))
        parts = build_parts(composed)
        identities.add((repr(parts), composed.seed))
    assert len(identities) == len(list(itertools.product(*ends)))  # no two points are the same search


def test_the_optimiser_takes_the_files_and_suggests_points():
    try:
        python = python_of("sweeps", REQUIREMENTS, ROOT / ".peers")
    except (subprocess.CalledProcessError, OSError) as error:
        pytest.skip(f"{REQUIREMENTS[0]} cannot be installed here: {error}")
    command = [python, ROOT / "tests" / "helpers" / "sweep_points.py", *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    assert {Path(path).stem: len(one["points"]) for path, one in found.items()} == {
        "algorithms": 15,
        "population": 27,
        "training": 5,
    }
    for path, one in found.items():
        assert one["wrong"] == []
        config = yaml.safe_load(Path(path).read_text())
        for point in one["points"]:
            assert point.keys() == config["parameters"].keys()
            compose_search(overrides(config, point))


def sweep_file(folder: Path, *more: str) -> Path:
    """The sweep over algorithms, on the toy."""
    config = yaml.safe_load((config_folder() / "sweep" / "algorithms.yaml").read_text())
    words = ["experiment=toy" if word == "experiment=demo" else word for word in config["command"]]
    config["command"] = [*words[:-1], "progress=none", "report=false", *more, words[-1]]
    path = folder / "sweep.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def run(run_id: str, kind: str = "run", **values: Any) -> dict[str, Any]:
    """A command to an agent."""
    args = {key: {"value": value} for key, value in values.items()}
    return {"type": kind, "run_id": run_id, "program": "nas/evolve.py", "args": args}


def environment() -> dict[str, str]:
    """With this interpreter as `python`, as in an activated environment."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "launchers"), str(ROOT / "tests" / "helpers")])
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PYTHONPATH": path, "PATH": programs, "WANDB_ENTITY": "me"}


def created(folder: Path, file: Path) -> None:
    done = subprocess.run(
        [program(), "sweep", str(file)], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert f"wandb agent me/nas/{SWEEP}" in done.stdout + done.stderr


def agent(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", AGENT, f"me/nas/{SWEEP}"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_an_agents_searches_are_its_runs(tmp_path, logged_in):
    """Each is told the agent's id; one that an earlier run had finished is uploaded for the new one."""
    logged_in.commands = [
        [run("first", algorithm="aging", seed=0)],
        [run("second", algorithm="random", seed=0)],
        [run("third", algorithm="aging", seed=0)],
    ]
    created(tmp_path, sweep_file(tmp_path, "budget.evaluations=120"))
    assert yaml.safe_load(logged_in.sweep)["metric"]["name"] == "best/valid"
    output = (process := agent(tmp_path)).communicate(timeout=180)[0]
    assert process.returncode == 0, output
    folders = {path.parent.name.split("-")[0]: path.parent for path in tmp_path.glob("runs/*/history.jsonl")}
    assert folders.keys() == {"aging", "random"}
    assert logged_in.runs.keys() == {"first", "second", "third"}
    for run_id, name in (("first", "aging"), ("second", "random"), ("third", "aging")):
        there = logged_in.runs[run_id]
        assert_rows(rows_there(there.history), expected_rows(folders[name]))
        assert there.summary["best/valid"] == History.load(folders[name]).best.fitness
        assert (there.said("sweep"), there.said("project"), there.said("entity")) == (SWEEP, "nas", "me")
        assert there.config["algorithm"]["value"] == name
        assert there.config["identity"]["value"] == History.load(folders[name]).identity
        assert there.config["search_space"]["value"] == History.load(folders[name]).identity["search_space"]
    assert (folders["aging"] / "wandb" / "run-id").read_text() == "third"


def test_a_search_that_the_agent_stops_journals_and_is_resumed_in_its_run(tmp_path, logged_in):
    point = {"algorithm": "aging", "seed": 0}
    logged_in.commands = [[run("first", **point)], [run("first", "resume", **point)]]
    created(tmp_path, sweep_file(tmp_path, "budget.evaluations=1500"))
    process = agent(tmp_path)
    deadline = time.monotonic() + 120
    while not (journals := list(tmp_path.glob("runs/*/history.jsonl"))) or journals[0].stat().st_size < 50_000:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    logged_in.stops.add("first")
    output = process.communicate(timeout=180)[0]
    assert process.returncode == 0, output
    (journal,) = journals
    ends = [event["reason"] for event in events(journal.parent) if event["event"] == "closed"]
    assert ends == ["stopped", "budget"]
    assert logged_in.runs.keys() == {"first"}
    assert [line["_step"] for line in logged_in.runs["first"].history] == list(range(1, 1501))
    told = [event["fitness"] for event in events(journal.parent) if event["event"] == "told"]
    assert [line["fitness"] for line in logged_in.runs["first"].history] == told


def test_jobs_outlive_a_killed_search_of_a_sweep_and_the_same_command_takes_them_up(tmp_path):
    gate = tmp_path / "gate"
    words = ["search_space=bits", "evaluator=function", "evaluator.function=flaky.gated", "hardware=cpu"]
    sizes = ["hardware.workers=2", "population.size=4", "population.sample_size=2", "budget.evaluations=4"]
    where = ["hydra/launcher=submitit_local", "tracker=wandb", "report=false", "progress=none", "run=jobs"]
    swept = {"WANDB_SWEEP_ID": SWEEP, "WANDB_RUN_ID": "agents", "WANDB_MODE": "offline", "NAS_TEST_GATE": str(gate)}
    search, jobs = tmp_path / "runs" / "jobs", []

    def start() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "nas.evolve", *words, *sizes, *where],
            cwd=tmp_path,
            env=environment() | swept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def submitted() -> list[tuple[int, str]]:
        found = events(search) if (search / "history.jsonl").exists() else []
        return [(event["number"], event["job"]) for event in found if event["event"] == "submitted"]

    process = start()
    deadline = time.monotonic() + 120
    while len(jobs) < 2:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
        jobs = submitted()
    process.kill()
    process.communicate()
    process = start()
    time.sleep(1.0)
    gate.touch()
    output = process.communicate(timeout=180)[0]
    assert process.returncode == 0, output
    assert submitted()[:2] == jobs
    assert [number for number, _ in submitted()] == [0, 1, 2, 3]  # none was started twice
    (session,) = sessions(search)
    records = inspect(session)
    assert run_record(records)["run_id"] == "agents"
    assert_rows(rows(records), expected_rows(search))
