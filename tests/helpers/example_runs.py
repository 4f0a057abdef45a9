"""Whole searches of both papers' spaces in seconds: everything is real, but children are measured by a formula."""

import math
import sys
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.evaluators.base import Metrics, Task
from nas.evaluators.train import TrainEvaluator
from nas.search.run import run_search

OVERRIDES = {
    "cells": ["search_space=cells", "algorithm=aging", "network=search", "training=search"],
    "dna": [
        "search_space=dna",
        "algorithm=tournament",
        "network=dna",
        "training=large_scale",
        "evaluator.inherit=true",
    ],
}
POPULATION, SAMPLE = 100, 25
FAILING, DIVERGING = 0.01, 0.02  # shares of the children


class SimulatedTraining(TrainEvaluator):
    """Takes a child's accuracy from its cost and its genome instead of from images; leaves no files."""

    name: ClassVar[str] = "train"
    writes_files: ClassVar[bool] = False

    @property
    def keeps_weights(self) -> bool:
        return False

    def evaluate(self, task: Task) -> Metrics:
        luck = Random(task.seed)
        if luck.random() < FAILING:
            raise RuntimeError("CUDA out of memory")
        cost = self.cost(task.genome)
        cost.pop("memory_gb", None)
        diverged = luck.random() < DIVERGING
        accuracy = 0.1 if diverged else _accuracy(self.space.to_json(task.genome), cost) + luck.gauss(0.0, 0.004)
        seconds = round(1e-9 * cost["multiply_adds"] * 900 + luck.random(), 3)
        return {
            **cost,
            "valid_accuracy": accuracy,
            "valid_loss": 1 - accuracy,
            "train_s": seconds,
            "diverged": diverged,
        }


def _accuracy(genome: Any, cost: Metrics) -> float:
    if "vertices" in genome:
        convs = sum("conv" in edge for edge in genome["edges"])
        return 0.95 - 0.72 * math.exp(-convs / 5)
    separable = sum(str(element[0]).startswith("sep") for cell in genome.values() for pair in cell for element in pair)
    return 0.80 + 0.006 * separable + 0.02 * math.log10(1 + cost["multiply_adds"] / 1e7)


def example_run(folder: Path, space: str, evaluations: int, *overrides: str, **more: Any) -> Path:
    """The run folder of a finished search.

    Args:
        space: "cells" or "dna".
        overrides: of the configuration.
        more: further arguments of `run_search`.
    """
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        small = evaluations < 4 * SAMPLE
        sizes = [
            f"population.size={max(2, evaluations // 4) if small else POPULATION}",
            f"population.sample_size={2 if small else SAMPLE}",
        ]
        digits = ["dataset=digits", "dataset.image_size=32"]
        config = compose("config", overrides=[*OVERRIDES[space], *digits, *sizes, *overrides])
    made = build(config.search_space, "search_space")
    config.evaluator._target_ = f"{SimulatedTraining.__module__}.{SimulatedTraining.__name__}"
    run_search(
        space=made,
        algorithm=build(config.algorithm, "algorithm", space=made),
        evaluator=build(config.evaluator, "evaluator", space=made),
        budget=evaluations,
        run=folder,
        **more,
    )
    return folder


if __name__ == "__main__":
    print(example_run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
