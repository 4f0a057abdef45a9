"""One attempt: the result file whole or not at all, the log, metrics as plain scalars."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import Outcome, plain_scalars, read_outcome, run_child, write_json

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Talking(Evaluator):
    """Writes to its output in every way there is."""

    name = "talking"
    fails: bool = False
    devices = 3  # type: ignore[assignment]

    def evaluate(self, task: Task) -> Metrics:
        print("from Python")
        print("an error", file=sys.stderr)
        os.write(1, b"from below Python\n")
        if self.fails:
            raise RuntimeError("no luck")
        return {"valid_accuracy": np.float32(0.5), "seen": task.number}

    def provenance(self) -> dict[str, Any]:
        return {"device": "cpu"}


def task(folder: Path | None) -> Task:
    return Task(7, (0, 1), 1, folder=folder)


def test_the_result_is_left_in_the_folder(tmp_path: Path) -> None:
    outcome = run_child(Talking(), task(tmp_path), capture_log=False)
    assert read_outcome(tmp_path) == outcome
    assert outcome.metrics == {"valid_accuracy": 0.5, "seen": 7}
    assert outcome.provenance["device"] == "cpu"
    assert outcome.device_s > 0
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_child(Talking(), task(None), capture_log=True).metrics["seen"] == 7
    assert not list(tmp_path.iterdir())


def test_the_wait_since_the_submission_is_a_metric(tmp_path: Path) -> None:
    outcome = run_child(Talking(), task(tmp_path), False, time.time() - 100)
    assert 100 <= outcome.metrics["queue_s"] < 130
    assert read_outcome(tmp_path) == outcome
    assert run_child(Talking(), task(None), False, time.time() + 100).metrics["queue_s"] == 0  # a clock that is ahead


def in_a_process(folder: Path, fails: bool) -> "subprocess.CompletedProcess[str]":
    """pytest keeps its own `sys.stdout`; a process of its own has the one that workers have."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_child import Talking, run_child, task\n"
        "print('before')\n"
        "try: run_child(Talking(fails=sys.argv[3] == 'True'), task(Path(sys.argv[2])), capture_log=True)\n"
        "finally: print('after')"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(folder), str(fails)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fails", [False, True])
def test_the_log_holds_all_output_and_the_process_gets_its_own_back(tmp_path: Path, fails: bool) -> None:
    done = in_a_process(tmp_path, fails)
    assert done.stdout == "before\nafter\n"
    assert sorted((tmp_path / "log").read_text().splitlines()) == ["an error", "from Python", "from below Python"]
    assert (done.returncode != 0) == ("no luck" in done.stderr) == (read_outcome(tmp_path) is None) == fails
    assert {file.name for file in tmp_path.iterdir()} == ({"log"} if fails else {"log", "result.json"})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"metrics": {}}', '{"metrics": {}, "device_s": 1, "other": 2}', "5"])
def test_what_is_no_result_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)
    assert read_outcome(tmp_path) is None


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


def test_metrics_become_plain_scalars() -> None:
    given = {
        "float": 0.5,
        "whole": 3,
        "text": "x",
        "truth": True,
        "none": None,
        "nan": float("nan"),
        "infinite": float("inf"),
        "numpy": np.float64(0.25),
        "numpy_nan": np.float32("nan"),
        "numpy_truth": np.bool_(True),
        "numpy_whole": np.int64(4),
        "torch": pytest.importorskip("torch").tensor(0.75),
    }
    plain = plain_scalars(given)
    assert plain == {
        **given,
        "nan": None,
        "infinite": None,
        "numpy": 0.25,
        "numpy_nan": None,
        "torch": 0.75,
        "numpy_truth": True,
    }
    assert all(type(value) in (float, int, str, bool, type(None)) for value in plain.values())
    json.dumps(plain, allow_nan=False)


@pytest.mark.parametrize("value", [[0.5], {"a": 1}, np.zeros(2), object(), 1j, np.complex64(1)])
def test_a_metric_that_is_no_scalar_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match="the metric 'loss'"):
        plain_scalars({"loss": value})


def test_a_tensor_of_several_values_is_named_too() -> None:
    with pytest.raises(TypeError, match="the metric 'loss'"):
        plain_scalars({"loss": pytest.importorskip("torch").zeros(2)})


def test_an_outcome_is_written_as_it_is_read(tmp_path: Path) -> None:
    outcome = Outcome({"valid_accuracy": 0.1 + 0.2}, 1.5, {"host": "here"})
    write_json(tmp_path / "result.json", asdict(outcome))
    assert read_outcome(tmp_path) == outcome
