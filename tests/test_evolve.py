"""The command line: mistakes in one sentence, stopping and resuming, sweeps, and Python beside it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests_cli import ROOT, evolve

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits

MISTAKES = [
    (["algorithm=agin"], "did you mean aging"),
    (["experiment=toi"], "did you mean toy"),
    (["algorithm.population=5"], "algorithm.population is unknown"),
    (["dataset=null"], "must name one of its options"),
    (["sead=1"], "did you mean seed"),
    (["algorithm.sample_size=101"], "101"),
    (["algorithm.sample_size=0"], "algorithm.sample_size is 0"),
    (["algorithm.population_size=0"], "algorithm.population_size is 0"),
    (["budget.evaluations=0"], "budget.evaluations is 0"),
    (["budget.evaluations=-5"], "budget.evaluations is -5"),
    (["budget.evaluations=null"], "no budget"),
    (["budget.evaluations=inf"], "budget.evaluations is inf"),
    (["budget=5"], "budget is 5"),
    (["constraint.parameters=0"], "constraint.parameters is 0"),
    (["constraint=5"], "constraint is 5"),
    (["constraint.parameters=5"], "evaluator=toy does not know"),
    (["constraint.params=5"], "did you mean parameters"),
    (["order=random"], "completion and number"),
    (["seed=one"], "seed is 'one'"),
    (["progress=loud"], "progress is 'loud'"),
    (["run="], "run is ''"),
    (["run=a<b"], "special characters need quotes"),
    (["run=a,b"], "a list is key=[a,b]"),
    (["resume.verify=maybe"], "resume.verify is 'maybe'"),
    (["report=maybe"], "report is 'maybe'"),
    (["keep_children=few"], "keep_children is 'few'"),
    (["hydra/launcher=basic"], "timeout_min"),
    (["evaluator=train", "dataset=digits"], "bits"),
    (["search_space=cells"], "evaluator=toy works on search_space=bits"),
]


@pytest.mark.parametrize(
    ("overrides", "words"), MISTAKES, ids=lambda value: value[0] if isinstance(value, list) else ""
)
def test_a_mistake_is_told_in_one_sentence_and_writes_nothing(tmp_path: Path, overrides: list[str], words: str) -> None:
    done = evolve("experiment=toy", f"runs_dir={tmp_path}", *overrides)
    check_sentence(done, words)
    assert not list(tmp_path.iterdir())


def check_sentence(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("nas: ")
    assert words in line


def test_data_that_is_missing_or_broken(tmp_path: Path) -> None:
    runs = f"runs_dir={tmp_path / 'runs'}"
    check_sentence(evolve("dataset=arrays", f"dataset.path={tmp_path}/no.npz", runs), "no.npz")
    (tmp_path / "broken.npz").write_bytes(b"not an archive")
    check_sentence(evolve("dataset=arrays", f"dataset.path={tmp_path}/broken.npz", runs), "broken.npz")
    np.savez(tmp_path / "keys.npz", x_train=np.zeros((4, 8, 8), np.uint8))
    check_sentence(evolve("dataset=arrays", f"dataset.path={tmp_path}/keys.npz", runs), "lacks")
    check_sentence(evolve("dataset=imagenet", f"dataset.root={tmp_path}/nowhere", runs), "nowhere")
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    check_sentence(evolve("experiment=toy", f"run={tmp_path}/file/run"), "file/run")


def test_a_run_may_be_called_by_a_number(tmp_path: Path) -> None:
    done = evolve("experiment=toy", "run=123", f"runs_dir={tmp_path}", "budget.evaluations=5")
    assert done.returncode == 0, done.stderr
    assert len(History.load(tmp_path / "123").told) == 5


def test_a_folder_of_another_search(tmp_path: Path) -> None:
    assert evolve("experiment=toy", f"run={tmp_path}/one").returncode == 0
    before = (tmp_path / "one" / "history.jsonl").read_bytes()
    done = evolve("experiment=toy", f"run={tmp_path}/one", "seed=1", "algorithm=non_aging")
    check_sentence(done, "seed (0 there, 1 here)")
    assert "algorithm" in done.stderr
    assert (tmp_path / "one" / "history.jsonl").read_bytes() == before


def test_the_same_command_reports_and_a_larger_budget_extends(tmp_path: Path) -> None:
    where = f"run={tmp_path}/one"
    assert "1000 evaluations" in evolve("experiment=toy", where).stdout
    journal = (tmp_path / "one" / "history.jsonl").read_bytes()
    assert "finished already" in evolve("experiment=toy", where).stdout
    assert (tmp_path / "one" / "history.jsonl").read_bytes() == journal
    assert "1200 evaluations" in evolve("experiment=toy", where, "budget.evaluations=1200").stdout
    assert len(History.load(tmp_path / "one").told) == 1200


def test_a_report_that_cannot_be_written_is_one_sentence_and_the_search_ends_well(tmp_path: Path) -> None:
    (tmp_path / "one" / "report.html").mkdir(parents=True)
    done = evolve("experiment=toy", "budget.evaluations=5", f"run={tmp_path}/one")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"the report {tmp_path}/one/report.html cannot be written")
    assert "Report:" not in done.stdout
    assert len(History.load(tmp_path / "one").told) == 5


LONG = ("experiment=toy", "budget.evaluations=20000", "report=false")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The science of the long search, uninterrupted."""
    run = tmp_path_factory.mktemp("long") / "whole"
    assert evolve(f"run={run}", *LONG).returncode == 0
    return History.load(run).science()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_cleanly_and_the_same_command_goes_on(tmp_path: Path, whole: str, name: str) -> None:
    process = start(f"run={tmp_path}/stopped", *LONG)
    wait_for(tmp_path / "stopped" / "history.jsonl", 100_000)
    process.send_signal(getattr(signal, name))
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"Stopped by {name}; the same command resumes it" in output
    assert History.load(tmp_path / "stopped").closed is not None
    resumed_to(whole, tmp_path / "stopped")


def test_an_interruption_before_the_search_is_told_in_a_word(tmp_path: Path) -> None:
    """A user's module that gets Ctrl-C while it is imported."""
    listen = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # what a shell starts with & does not listen
    (tmp_path / "interrupted.py").write_text(f"import os, signal\n{listen}\nos.kill(os.getpid(), signal.SIGINT)\n")
    function = ["evaluator=function", "evaluator.function=interrupted.f"]
    done = evolve("experiment=toy", *function, f"runs_dir={tmp_path}/runs", path=tmp_path)
    assert (done.returncode, done.stderr) == (130, "nas: interrupted, nothing is lost\n")
    assert not (tmp_path / "runs").exists()


def test_killed_at_random_bytes_it_is_the_same_search(tmp_path: Path, whole: str) -> None:
    rng = random.Random(0)
    size = 0
    for _ in range(5):
        size += rng.randrange(50_000, 1_300_000)
        process = start(f"run={tmp_path}/killed", *LONG)
        wait_for(tmp_path / "killed" / "history.jsonl", size)
        process.kill()
        process.wait()
    resumed_to(whole, tmp_path / "killed")


def test_of_two_drivers_one_runs(tmp_path: Path) -> None:
    overrides = [*LONG, f"run={tmp_path}/one"]
    first = start(*overrides)
    wait_for(tmp_path / "one" / "history.jsonl", 10_000)
    check_sentence(evolve(*overrides), "another driver works on")
    first.kill()
    first.wait()


def start(*overrides: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "nas.evolve", *overrides]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, size: int) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def resumed_to(whole: str, run: Path) -> None:
    assert evolve(f"run={run}", *LONG).returncode == 0
    assert History.load(run).science() == whole


DIGITS = ("experiment=demo", "dataset.fraction=0.1", "training.epochs=1", "hardware.workers=0", "report=false")


def test_a_constraint_is_kept_and_one_that_nothing_meets_ends_the_search(tmp_path: Path) -> None:
    bounds = ["constraint.parameters=50000", "constraint.flops=1e9", "constraint.memory_gb=1"]
    done = evolve(*DIGITS, *bounds, "budget.evaluations=2", f"run={tmp_path}/kept")
    assert done.returncode == 0, done.stderr
    kept = History.load(tmp_path / "kept")
    assert all(individual.metrics["parameters"] <= 50000 for individual in kept.told)
    assert kept.rejected["parameters"] > 0
    assert not any("memory_gb" in individual.metrics for individual in kept.told)
    none = ["constraint.memory_gb=1e-6", "constraint.max_rejections=50", f"run={tmp_path}/none"]
    for _ in range(2):
        done = evolve(*DIGITS, *none)
        assert (done.returncode, done.stderr) == (1, "")
        sentence = "Stopped: 50 draws in a row were rejected: 50 for memory_gb above constraint.memory_gb=1e-06 (the sm"
        assert sentence in done.stdout
    assert History.load(tmp_path / "none").rejected == {"memory_gb": 50}


def test_a_sweep_gives_every_search_its_folder_and_resumes_all(tmp_path: Path) -> None:
    sweep = ["-m", "experiment=toy", "algorithm=aging,random", "seed=range(3)", f"runs_dir={tmp_path}"]
    done = evolve(*sweep)
    assert done.returncode == 0, done.stdout + done.stderr
    journals = sorted(tmp_path.glob("*/history.jsonl"))
    assert len(journals) == 6
    whole = [History.load(path).science() for path in journals]
    for path in journals:
        os.truncate(path, path.stat().st_size // 2)
    assert evolve(*sweep).returncode == 0
    assert [History.load(path).science() for path in journals] == whole


def test_python_gives_the_journal_of_the_command_line(tmp_path: Path) -> None:
    assert evolve("experiment=toy", f"runs_dir={tmp_path}/cli").returncode == 0
    space = Bits(num_bits=100)
    run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=100, sample_size=10, survival="oldest"),
        evaluator=Toy(space=space, noise=0.01, counted=1),
        budget=1000,
        runs_dir=tmp_path / "python",
    )
    (one,), (two,) = (list((tmp_path / kind).iterdir()) for kind in ("cli", "python"))
    assert one.name == two.name  # the name holds a hash of the identity
    assert History.load(one).identity == History.load(two).identity
    assert History.load(one).science() == History.load(two).science()
