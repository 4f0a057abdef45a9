"""What a warm local child costs beyond its training: our evaluator beside a hand-written torch loop.

    python -m benchmarks.child_overhead [--pairs 6] [--images 2000] [--epochs 2] [--num-cells 1]

Both train the same network on the same images and validate it; losses must agree to 1e-5: CIFAR-10 if NAS_TEST_DATA
names a folder with cifar10.npz, else random images of that shape. Goal: a ratio of at most 1.10; of at most 1.05 (0.95
of the children per hour) for one epoch of CIFAR-10: `--images 45000 --epochs 1 --num-cells 2 --pairs 3`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.pairs import interleaved
from nas.data.arrays import ArraysDataset
from nas.data.dataset import Dataset
from nas.evaluators.base import Task
from nas.evaluators.train import TrainEvaluator
from nas.networks.cell_network_spec import CellNetworkSpec
from nas.search_spaces.cells import Cells
from nas.training.hardware import Hardware
from nas.training.recipe import Recipe

SPACE = Cells(
    ops=(
        "none",
        "sep_conv_3x3",
        "sep_conv_5x5",
        "sep_conv_7x7",
        "avg_pool_3x3",
        "max_pool_3x3",
        "dil_sep_conv_3x3",
        "conv_1x7_7x1",
    ),
    num_combinations=5,
    identity_probability=0.05,
    op_mutation="any",
)
NETWORK = CellNetworkSpec(
    num_cells=1,
    filters=8,
    stem="cifar",
    imagenet_stem_from=128,
    stem_multiplier=3,
    stem_filters=32,
    skip_reduction_layer_input=False,
    auxiliary_head=False,
    auxiliary_filters=(128, 768),
    drop_path_keep=1.0,
    drop_path_by_depth=False,
    dropout=0.0,
    batch_norm_momentum=0.1,
    batch_norm_epsilon=1e-5,
)
RECIPE = Recipe(
    steps=None,
    epochs=2,
    batch_size=125,
    drop_last=True,
    optimizer="sgd",
    learning_rate=0.05,
    learning_rate_batch_size=None,
    warmup_epochs=0,
    schedule="cosine",
    decay_rate=1.0,
    decay_epochs=1,
    momentum=0.9,
    rmsprop_decay=0.9,
    rmsprop_epsilon=0.1,
    weight_decay=5e-4,
    decay_all=False,
    label_smoothing=0.0,
    auxiliary_weight=0.0,
    gradient_clip=5.0,
    ema=None,
    sync_batchnorm=False,
    crop_padding=4,
    flip=True,
    cutout=0,
    precision="32",
)
HARDWARE = Hardware(
    accelerator="cpu",
    devices=1,
    accumulate=1,
    compile=False,
    children_per_device=1,
    workers=0,
    threads=1,
    channels_last=True,
    hold_on_device=True,
    evaluation_batch_size=500,
    loader_workers=0,
    timeout_min=60,
    cpus_per_task=1,
    mem_gb=8,
    gpus_per_node=0,
)


def main() -> None:
    """Prints the ratio, and the start-up time of a process until its first training step is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    parser.add_argument("--num-cells", type=int, default=NETWORK.num_cells)
    parser.add_argument("--first-step", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first_step:
        _evaluator(_dataset(Path(options.first_step), 125 / options.images), NETWORK, 1).evaluate(_task())
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.npz"
        _write(file, options.images)
        network = replace(NETWORK, num_cells=options.num_cells)
        _compare(_evaluator(_dataset(file, 1.0), network, options.epochs), options.pairs)
        start = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.child_overhead", "--images", str(options.images)]
        subprocess.run([*command, "--first-step", str(file)], check=True)
        print(f"a fresh process has made a child of one step in {time.perf_counter() - start:.1f} s")


def _compare(evaluator: TrainEvaluator, pairs: int) -> None:
    import torch

    from benchmarks.plain_loop import train_plainly

    torch.set_num_threads(1)
    task = _task()
    architecture = SPACE.architecture(task.genome)
    losses: dict[str, float] = {}

    def ours() -> float:
        start = time.perf_counter()
        losses["ours"] = evaluator.evaluate(task)["valid_loss"]
        return time.perf_counter() - start

    def plain() -> float:
        start = time.perf_counter()
        losses["plain"] = train_plainly(
            evaluator.network, architecture, evaluator.dataset, evaluator.training, task.seed
        ).valid_loss
        return time.perf_counter() - start

    def show(number: int, mine: float, other: float) -> None:
        assert abs(losses["ours"] - losses["plain"]) < 1e-5, losses
        print(
            f"pair {number}: ours {mine:.2f} s, plain {other:.2f} s, validation loss {losses['ours']:.6f}", flush=True
        )

    ours()
    plain()
    ratio = interleaved(ours, plain, pairs, show)
    print(f"a warm child against the hand-written loop: {ratio}; goal: at most 1.10")


def _evaluator(dataset: Dataset, network: CellNetworkSpec, epochs: int) -> TrainEvaluator:
    recipe = replace(RECIPE, epochs=epochs)
    return TrainEvaluator(space=SPACE, dataset=dataset, network=network, training=recipe, hardware=HARDWARE)


def _task() -> Task:
    return Task(number=0, genome=SPACE.initial(Random(0)), seed=1)


def _dataset(file: Path, fraction: float) -> Dataset:
    return ArraysDataset(
        path=str(file),
        image_size=None,
        fraction=fraction,
        num_valid=500,
        num_selection=0,
        split_seed=0,
        flip=True,
    )


def _write(file: Path, num_train: int) -> None:
    """Images for training, 500 for validation, and ten test images."""
    number = num_train + 500
    source = Path(os.environ.get("NAS_TEST_DATA", "")) / "cifar10.npz"
    if source.is_file():
        with np.load(source) as found:
            images, labels = found["x_train"][:number], found["y_train"][:number]
    else:
        rng = np.random.default_rng(0)
        images, labels = rng.integers(0, 256, (number, 32, 32, 3), np.uint8), rng.integers(0, 10, number)
    np.savez(file, x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])


if __name__ == "__main__":
    main()
