"""Many searches of `experiment=nasbench201` in one process, each with its own journal, which is then thrown away."""

import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from nas import run_search
from nas.application import build, config_folder
from nas.search.budget import Budget
from nas.search.individual import Individual


class Found(NamedTuple):
    """How one search ended.

    Attributes:
        row: of its best individual, in the table.
        signal: the best individual's fitness.
        told: evaluations.
    """

    row: int
    signal: float
    told: int


@cache
def parts(*overrides: str, table: str | None = None) -> dict[str, Any]:
    """Space, algorithm, evaluator and budget as `python -m nas.evolve experiment=nasbench201 ...` has them.

    They are made once, as `run_search` copies the algorithm.
    """
    path = [] if table is None else [f"evaluator.path={table}"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=["experiment=nasbench201", *path, *overrides])
    space = build(config.search_space, "search_space")
    budget: Any = OmegaConf.to_container(config.budget)
    return {
        "space": space,
        "algorithm": build(config.algorithm, "algorithm", space=space),
        "evaluator": build(config.evaluator, "evaluator", space=space),
        "budget": Budget(**{bound: value for bound, value in budget.items() if bound != "confirm_device_hours"}),
    }


def searches(overrides: Sequence[str], seeds: Iterable[int], table: str | None = None) -> list[Found]:
    """One search for each seed."""
    torch.set_num_threads(1)
    made = parts(*overrides, table=table)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            result = run_search(**made, seed=seed, run=Path(folder) / f"s{seed}")
            assert result.best is not None
            assert result.best.fitness is not None
            found.append(Found(made["evaluator"].row(result.best.genome), result.best.fitness, result.spent.told))
    return found


def all_told(overrides: Sequence[str], seed: int, table: str | None = None) -> list[Individual]:
    """Everybody of one search, in the order of telling."""
    with tempfile.TemporaryDirectory() as folder:
        return run_search(**parts(*overrides, table=table), seed=seed, run=Path(folder) / "run").history().told
