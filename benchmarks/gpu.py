"""Children per hour on one GPU, with 1, 2 and 4 of them at a time, eager and compiled.

    python -m benchmarks.gpu [--children 8] [--images 10000] [--epochs 2]

Every child is another random genome of the main search space in the size of the main search (N=3, F=24), trained by its
recipe for a few epochs, so a compiled child pays for its own compilation, as in a search. CIFAR-10 if NAS_TEST_DATA
names a folder with cifar10.npz, else random images of that shape. Workers are warm: the first children of each are not
counted. The network's part of a longer child is what grows with `--images` and `--epochs`.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from hydra import compose, initialize_config_dir
from nas_launchers.devices import visible_gpus
from nas_launchers.pool import PoolExecutor

from nas.application import build, config_folder
from nas.evaluators.base import Task

AT_A_TIME = (1, 2, 4)
PRELOADED = ("torch", "torchvision", "pytorch_lightning", "cloudpickle")
NO_GPU = 2


def main() -> None:
    """Prints one line for each number of children at a time and each mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=8, help="counted ones, for each line")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--accelerator", choices=("cuda", "cpu"), default="cuda", help="cpu: to try this script")
    options = parser.parse_args()
    gpus = visible_gpus()
    if options.accelerator == "cuda" and not gpus:
        print("benchmarks.gpu needs a CUDA device, and there is none here", file=sys.stderr)
        sys.exit(NO_GPU)
    device = gpus[0] if options.accelerator == "cuda" else ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.npz"
        _write(file, options.images)
        for mode in ("eager", "compiled"):
            for number in AT_A_TIME:
                evaluator = _evaluator(file, options, compiled=mode == "compiled")
                rate = children_per_hour(evaluator, number, device, options.children)
                print(f"{mode}, {number} at a time: {rate:.1f} children per hour", flush=True)


def children_per_hour(evaluator: Any, at_a_time: int, device: str, count: int) -> float:
    """Evaluates so many children side by side on one device, after one for each worker that is not counted."""
    pool = PoolExecutor(at_a_time, device_sets=[device] * at_a_time, preload=PRELOADED)
    try:
        warm = [pool.submit(evaluator.evaluate, _task(evaluator, number)) for number in range(at_a_time)]
        for job in warm:
            job.result()
        start = time.perf_counter()
        jobs = [pool.submit(evaluator.evaluate, _task(evaluator, at_a_time + number)) for number in range(count)]
        for job in jobs:
            job.result()
        return count / (time.perf_counter() - start) * 3600
    finally:
        pool.shutdown(cancel=True)


def _task(evaluator: Any, number: int) -> Task:
    return Task(number, evaluator.space.initial(Random(number)), seed=number)


def _evaluator(file: Path, options: argparse.Namespace, compiled: bool) -> Any:
    overrides = ["dataset=arrays", f"dataset.path={file}", "dataset.num_valid=500", f"training.epochs={options.epochs}"]
    hardware = [f"hardware.accelerator={options.accelerator}", f"hardware.compile={str(compiled).lower()}"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*overrides, *hardware])
    return build(config.evaluator, "evaluator", space=build(config.search_space, "search_space"))


def _write(file: Path, number: int) -> None:
    """So many training images, 500 more for validation, and ten test images."""
    source = Path(os.environ.get("NAS_TEST_DATA", "")) / "cifar10.npz"
    if source.is_file():
        with np.load(source) as found:
            images, labels = found["x_train"][: number + 500], found["y_train"][: number + 500]
    else:
        rng = np.random.default_rng(0)
        images, labels = rng.integers(0, 256, (number + 500, 32, 32, 3), np.uint8), rng.integers(0, 10, number + 500)
    np.savez(file, x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])


if __name__ == "__main__":
    main()
