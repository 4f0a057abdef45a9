"""Small searches that are reproduced, and the command line in this process."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from nas.application import build, config_folder
from nas.evolve import build_parts
from nas.reproduce import reproduce
from nas.search.history import History
from nas.search.run import run_search

DIGITS = [
    "experiment=demo",
    "algorithm=aging",
    "population.size=3",
    "population.sample_size=2",
    "dataset.fraction=0.1",
    "network.filters=4",
    "training.epochs=1",
    "search_space.num_combinations=1",
]
DNA = [
    "experiment=large_scale_demo",
    "population.size=3",
    "training.steps=8",
    "training.batch_size=20",
    "constraint.flops=null",
    "constraint.parameters=null",
]
TOY = ["experiment=toy", "search_space.num_bits=12", "population.size=8", "population.sample_size=4"]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a search once for all tests: do not write into its folder."""
    made: dict[tuple[str, ...], Path] = {}

    def make(*overrides: str, evaluations: int) -> Path:
        key = (*overrides, str(evaluations))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("searches") / "run"
            searched(made[key], overrides, evaluations)
        return made[key]

    return make


@pytest.fixture
def copied(kept: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """A copy of such a search, to be changed."""

    def copy(*overrides: str, evaluations: int) -> Path:
        return shutil.copytree(kept(*overrides, evaluations=evaluations), tmp_path / "runs" / "run")

    return copy


@pytest.fixture
def configuration() -> Iterator[None]:
    """Hydra as an entry point has it."""
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        yield


@pytest.fixture
def reproduced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`python -m nas.reproduce` in this process: exit code, and what it printed."""

    def call(*overrides: str) -> tuple[int, str]:
        own = [*overrides, f"runs_dir={tmp_path / 'runs'}", "hardware=cpu", "hardware.workers=0"]
        with initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = compose("reproduce", overrides=own, return_hydra_config=True)
            HydraConfig.instance().set_config(config)
            OmegaConf.set_readonly(config, False)
            code = 0
            try:
                reproduce(config)
            except SystemExit as ended:
                code = int(ended.code or 0)
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return call


def searched(folder: Path, overrides: tuple[str, ...], evaluations: int) -> History:
    """What `python -m nas.evolve` does, in this process and without a report."""
    ready = GlobalHydra.instance().is_initialized()
    with nullcontext() if ready else initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*overrides, "hardware=cpu"])
        space, algorithm, evaluator = build_parts(config)
        constraint = build({"_target_": "nas.search.constraint.Constraint", **config.constraint}, "constraint")
        return run_search(
            space=space,
            algorithm=algorithm,
            evaluator=evaluator,
            constraint=constraint,
            budget=evaluations,
            seed=config.seed,
            run=folder,
            order=config.order,
            config=OmegaConf.to_yaml(config, resolve=True),
        ).history()


def changed(run: Path, change: Callable[[int, dict[str, Any]], None]) -> None:
    """Changes the lines of a journal: its header is line 0."""
    path = run / "history.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for number, line in enumerate(lines):
        change(number, line)
    path.write_text("".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines))


def fitness_changed(run: Path, number: int, fitness: float) -> None:
    """A fitness that nobody measured, wherever the journal has it."""

    def change(_: int, line: dict[str, Any]) -> None:
        if line.get("event") == "told" and line["number"] == number:
            line["fitness"] = line["metrics"]["valid_accuracy"] = fitness

    changed(run, change)
