"""AmoebaNet-A beside a ResNet of equal multiply-adds, on real CIFAR-10 by one recipe.

    NAS_DATA=FOLDER python -m benchmarks.cifar10_beside_resnet [--epochs 3] [--images 15000] [--folder runs/cifar10]
    NAS_DATA=FOLDER python -m benchmarks.cifar10_beside_resnet --epochs 10 --images 45000 --folder runs/cifar10-10

AmoebaNet-A with N=2, F=16 (50.8M multiply-adds) and ResNet-20 (arXiv 1512.03385, section 4.2, of torchvision's blocks)
with 18 filters (51.5M); three seeds each, trained on so many of the 45,000 images and tested once after the last epoch.
Two processes of one thread; goes on where it stopped: each training is a line of `trainings.jsonl` in the folder.
"""

import argparse
import json
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose, initialize_config_dir

from nas.application import build, config_folder

MODELS, SEEDS = ("amoebanet_a", "resnet20"), (0, 1, 2)
NUM_CELLS, FILTERS, RESNET_FILTERS = 2, 16, 18
NUM_TRAIN = 45_000


class Training(NamedTuple):
    """One network to train."""

    model: str
    seed: int
    epochs: int
    images: int


def make_network(model: str) -> Any:
    from nas.networks.zoo import create_model

    return create_model("amoebanet_a", num_cells=NUM_CELLS, filters=FILTERS) if model == "amoebanet_a" else _resnet20()


def _resnet20() -> Any:
    from torch import nn
    from torchvision.models.resnet import BasicBlock

    from nas.retraining.reference_network import ReferenceNetwork

    layers: list[nn.Module] = [nn.Conv2d(3, RESNET_FILTERS, 3, padding=1, bias=False), nn.BatchNorm2d(RESNET_FILTERS)]
    layers.append(nn.ReLU(inplace=True))
    channels = RESNET_FILTERS
    for stage in range(3):
        width = RESNET_FILTERS * 2**stage
        for block in range(3):
            stride = 2 if stage and not block else 1
            shortcut = None
            if channels != width:
                shortcut = nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width))
            layers.append(BasicBlock(channels, width, stride, shortcut))
            channels = width
    body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))
    for part in body.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
    return ReferenceNetwork(body)


def train(training: Training) -> dict[str, float]:
    """Accuracies and seconds of one training."""
    import torch

    from nas.training.fit import fit

    torch.set_num_threads(1)
    fraction = training.images / NUM_TRAIN
    overrides = ["dataset=cifar10", f"dataset.fraction={fraction}", f"training.epochs={training.epochs}"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*overrides, "hardware=cpu"])
    dataset, recipe = build(config.dataset, "dataset"), build(config.training, "training")
    hardware = build(config.hardware, "hardware")
    torch.manual_seed(training.seed)
    result = fit(make_network(training.model), dataset, recipe, hardware, seed=training.seed, measure=["test"])
    assert result.test_accuracy is not None
    return {"valid": result.valid_accuracy, "test": result.test_accuracy, "train_s": result.train_s}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--images", type=int, default=15_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/cifar10"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / "trainings.jsonl"
    done: dict[Training, Any] = {}
    if path.exists():
        done = {Training(*fields): result for *fields, result in map(json.loads, path.read_text().splitlines())}
    wanted = [Training(model, seed, options.epochs, options.images) for seed in SEEDS for model in MODELS]
    todo = [training for training in wanted if training not in done]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool, path.open("a") as file:
        for training, result in zip(todo, pool.map(train, todo), strict=True):
            done[training] = result
            file.write(json.dumps([*training, result]) + "\n")
            file.flush()
    _show({model: [done[training] for training in wanted if training.model == model] for model in MODELS})


def _show(results: dict[str, list[dict[str, float]]]) -> None:
    from nas.networks.cost import network_cost

    print("| model | parameters | multiply-adds | validation | test | s per training |")
    print("|---|---|---|---|---|---|")
    for model, rows in results.items():
        cost = network_cost(make_network(model), (3, 32, 32))
        cells = [f"{_mean_sd(rows, key)}" for key in ("valid", "test")]
        seconds = statistics.fmean(row["train_s"] for row in rows)
        size = f"{cost.parameters:,} | {cost.multiply_adds / 1e6:.1f}M"
        print(f"| {model} | {size} | {' | '.join(cells)} | {seconds:.0f} |")


def _mean_sd(rows: list[dict[str, float]], key: str) -> str:
    values = [row[key] for row in rows]
    return f"{statistics.fmean(values):.4f} ± {statistics.stdev(values):.4f}"


if __name__ == "__main__":
    main()
