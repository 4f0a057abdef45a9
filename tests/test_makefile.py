"""The Makefile's targets are documented, and name entry points, experiments and sweeps that there are."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nas.application import config_folder

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = dict(re.findall(r"^([a-z0-9-]+):[^\n]*## [^\n]+\n((?:\t[^\n]+\n)*)", MAKEFILE, re.M))
COMMON = [
    *("demo", "cifar10", "imagenet", "large-scale", "compare", "toy", "nasbench201"),
    *("retrain", "report", "sweep", "slurm-up", "slurm-down", "bench"),
]


@pytest.mark.parametrize("target", COMMON)
def test_a_common_experiment_is_a_documented_target(target: str) -> None:
    assert target in TARGETS
    assert re.search(rf"^\.PHONY:.* {target}( |$)", MAKEFILE, re.M)


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_target_names_is_there(target: str) -> None:
    recipe = TARGETS[target]
    for module in re.findall(r"\$\(RUN\) (\S+)", recipe):
        assert importlib.util.find_spec(module) is not None
    for name in re.findall(r"experiment=(\S+)", recipe):
        assert (config_folder() / "experiment" / f"{name}.yaml").exists()


def test_sweeps_by_name() -> None:
    (default,) = re.findall(r"^SWEEP \?= (\S+)", MAKEFILE, re.M)
    (named,) = re.findall(r"SWEEP=([^(]+) \(", MAKEFILE)
    assert set(re.split(r", | or ", named)) == {path.stem for path in (config_folder() / "sweep").glob("*.yaml")}
    assert (config_folder() / "sweep" / f"{default}.yaml").exists()


@pytest.mark.parametrize(("key", "why"), [(None, ""), ("short", "WANDB_API_KEY invalid")])
def test_a_sweep_without_an_account_is_one_sentence(tmp_path: Path, key: str | None, why: str) -> None:
    without = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    environment = {**without, "NETRC": str(tmp_path / "netrc"), "WANDB_CONFIG_DIR": str(tmp_path)}
    environment |= {} if key is None else {"WANDB_API_KEY": key}
    command = [sys.executable, "-m", "nas.tracking.wandb_login"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("nas: wandb sweep needs a W&B account (wandb login, or WANDB_API_KEY)")
    assert why in line
    assert "python -m nas.evolve -m experiment=demo" in line
