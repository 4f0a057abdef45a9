"""What a preflight says on a real cluster, by the user's own command line."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]
TOY = ["experiment=toy", "search_space.num_bits=8", "hydra/launcher=submitit_slurm", "hardware.mem_gb=1", "run=toy"]
Driver = subprocess.Popen[str]


def start(folder: Path, overrides: Sequence[str], **environment: str) -> Driver:
    command = [sys.executable, "-m", "nas.evolve", *TOY, f"runs_dir={folder}", "progress=none", *overrides]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=pipe, stderr=pipe, text=True)


def ended(driver: Driver) -> tuple[int, str, str]:
    out, errors = driver.communicate(timeout=120)
    return driver.returncode, out, errors


def queued_job(driver: Driver) -> str:
    """The preflight's job, once the driver has said its number."""
    assert driver.stdout is not None
    found = re.match(r"preflight: job (\d+) is queued", driver.stdout.readline())
    assert found is not None
    return found[1]


def the_sentence(ended: tuple[int, str, str]) -> str:
    code, out, errors = ended
    assert code == 2, out + errors
    assert "Traceback" not in errors
    (line,) = [line for line in errors.splitlines() if line.startswith("nas: ")]
    return line


def state_of(job: str) -> str:
    command = ["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={job}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_node_that_is_ready_gets_the_children(tmp_path: Path) -> None:
    driver = start(tmp_path, ["budget.evaluations=1", "report=false"])
    job = queued_job(driver)
    code, out, errors = ended(driver)
    assert code == 0, out + errors
    assert re.search(r"preflight: node n\d is ready", out)
    (child,) = History.load(tmp_path / "toy").told
    assert child.job not in (None, job)
    code, out, errors = ended(start(tmp_path, ["budget.evaluations=1", "report=false"]))
    assert "preflight" not in out, "a finished search submits nothing"
    assert code == 0, errors


def test_a_run_folder_that_the_node_cannot_see(tmp_path: Path) -> None:
    """It is away while the job begins, as it is for a node that does not mount it."""
    driver = start(tmp_path, ["+hydra.launcher.additional_parameters.begin=now+2"])
    job = queued_job(driver)
    (tmp_path / "toy").rename(tmp_path / "elsewhere")
    while state_of(job) in ("PENDING", "RUNNING", "COMPLETING"):
        time.sleep(0.1)
    (tmp_path / "elsewhere").rename(tmp_path / "toy")
    sentence = the_sentence(ended(driver))
    assert f"job {job} ended on node n" in sentence
    assert "(exit code 0:53)" in sentence
    assert f"cannot see the run folder {tmp_path / 'toy'}" in sentence


def test_a_module_that_the_node_cannot_import(tmp_path: Path) -> None:
    (tmp_path / "only_here.py").write_text("def ones(genome, seed):\n    return 1.0\n")
    mine = ["evaluator=function", "evaluator.function=only_here.ones", "hydra.launcher.setup=[unset PYTHONPATH]"]
    mine += ["yes=true"]  # what it costs is unknown
    sentence = the_sentence(ended(start(tmp_path, mine, PYTHONPATH=f"{tmp_path}:{ROOT}:{ROOT / 'launchers'}")))
    assert re.search(
        r"node n\d: what the driver sends cannot be loaded there \(ModuleNotFoundError: .*only_here", sentence
    )


def test_a_python_that_has_nothing_installed(tmp_path: Path) -> None:
    bare = f"env -u PYTHONPATH {sys.base_prefix}/bin/python3 -I"  # of several words, as a container's would be
    sentence = the_sentence(ended(start(tmp_path, [f"+hydra.launcher.python='{bare}'"])))
    assert re.search(r"the preflight failed on node n\d: .*No module named '?submitit", sentence)


def test_ctrl_c_while_it_waits_in_the_queue(tmp_path: Path) -> None:
    driver = start(tmp_path, ["+hydra.launcher.additional_parameters.hold=true"])
    job = queued_job(driver)
    assert state_of(job) == "PENDING"
    driver.send_signal(signal.SIGINT)
    code, _, errors = ended(driver)
    assert code == 130
    assert "Traceback" not in errors
    assert state_of(job) in ("CANCELLED", "")


def test_a_time_limit_within_submitits_signal(tmp_path: Path) -> None:
    sentence = the_sentence(ended(start(tmp_path, ["hardware.timeout_min=3"])))
    assert "hydra.launcher.timeout_min is 3" in sentence
    assert not (tmp_path / "toy" / "jobs").exists()


def test_without_it_children_are_sent_at_once(tmp_path: Path) -> None:
    code, out, errors = ended(start(tmp_path, ["budget.evaluations=1", "report=false", "preflight=false"]))
    assert code == 0, errors
    assert "preflight" not in out


def test_a_retraining_that_wants_more_cores_than_the_node_has(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nas.retrain", "model=amoebanet_a", "dataset=digits", "network=tiny", "out=out"]
    command += ["hydra/launcher=submitit_slurm", f"runs_dir={tmp_path}", "hardware.mem_gb=2"]
    command += ["hardware.threads=4096", "hardware.cpus_per_task=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    sentence = the_sentence((done.returncode, done.stdout, done.stderr))
    assert re.search(r"node n\d: hardware.threads is 4096, but a task has \d+ cores there", sentence)
