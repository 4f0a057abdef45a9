"""Files exactly as NATS-Bench and NAS-Bench-201 distribute them, with made-up results.

Structure from the authors' sources: `ResultsCount.state_dict` and `ArchResults.state_dict` of nats_bench/api_utils.py,
`simplify` of AutoDL-Projects' tss-collect.py (folder and single file) and `merge_all` of its statistics-v2.py (torch).
"""

import bz2
import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

PARTS = {  # what each training was evaluated on
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("ori-test", "x-valid", "x-test"),
    "ImageNet16-120": ("ori-test", "x-valid", "x-test"),
}
SEEDS = {12: {"cifar10-valid": [777, 888]}, 200: {data: [777, 888, 999] for data in PARTS}}  # else [777]
EXTENSION = ".pickle.pbz2"
Accuracy = Callable[
    [int, int, str, int, str], float
]  # index, epochs, data, seed, part -> per cent, after the last epoch


def training(text: str, index: int, epochs: int, data: str, seed: int, accuracy: Accuracy) -> dict[str, Any]:
    """One training's `ResultsCount.state_dict()`, without weights."""
    curve = {epoch: 10.0 + epoch / 10 for epoch in range(epochs)}
    final = {part: accuracy(index, epochs, data, seed, part) for part in PARTS[data]}
    accuracies = {
        f"{part}@{epoch}": final[part] if epoch == epochs - 1 else curve[epoch]
        for part in PARTS[data]
        for epoch in range(epochs)
    }
    size = {"cifar10-valid": 25_000, "cifar10": 50_000, "cifar100": 50_000, "ImageNet16-120": 151_700}[data]
    return {
        "name": data,
        "net_state_dict": None,
        "train_acc1es": dict(curve),
        "train_acc5es": dict(curve),
        "train_losses": dict.fromkeys(curve, 2.0),
        "train_times": OrderedDict((epoch, (index + 1) * size / 25_000) for epoch in curve),
        "arch_config": {"channel": 16, "num_cells": 5, "arch_str": text, "class_num": 10},
        "params": np.float64(0.1 * (index + 1)),  # of numpy, as the authors' counter returns it
        "flop": 15.0 + index,
        "seed": str(seed),
        "epochs": epochs,
        "latency": [0.0125],
        "eval_names": list(PARTS[data]),
        "eval_acc1es": accuracies,
        "eval_times": dict.fromkeys(accuracies, 0.5),
        "eval_losses": dict.fromkeys(accuracies, 1.5),
    }


def results(text: str, index: int, epochs: int, accuracy: Accuracy) -> dict[str, Any]:
    """An architecture's `ArchResults.state_dict()` for one schedule."""
    seeds = {data: SEEDS[epochs].get(data, [777]) for data in PARTS}
    return {
        "arch_index": index,
        "arch_str": text,
        "all_results": {
            (data, seed): training(text, index, epochs, data, seed, accuracy) for data in PARTS for seed in seeds[data]
        },
        "dataset_seed": seeds,
        "clear_net_done": True,
    }


def both(text: str, index: int, accuracy: Accuracy) -> "OrderedDict[str, Any]":
    return OrderedDict({str(epochs): results(text, index, epochs, accuracy) for epochs in (12, 200)})


def write_pickle(path: Path, content: Any) -> Path:
    with bz2.open(path, "wb") as file:
        pickle.dump(content, file, protocol=4)
    return path


def write_folder(folder: Path, texts: Sequence[str], accuracy: Accuracy) -> Path:
    """As `NATS-tss-v1_0-3ffb9-simple`."""
    folder.mkdir(parents=True)
    meta = {"meta_archs": list(texts), "total_archs": len(texts), "arch2infos": None, "evaluated_indexes": set()}
    write_pickle(folder / f"meta{EXTENSION}", meta)
    for index, text in enumerate(texts):
        write_pickle(folder / f"{index:06d}{EXTENSION}", both(text, index, accuracy))
    return folder


def write_single(path: Path, texts: Sequence[str], accuracy: Accuracy) -> Path:
    """As `NATS-tss-v1_0-3ffb9.pickle.pbz2`."""
    infos = {index: both(text, index, accuracy) for index, text in enumerate(texts)}
    content = {"meta_archs": list(texts), "total_archs": len(texts), "arch2infos": infos}
    return write_pickle(path, content | {"evaluated_indexes": set(infos)})


def write_torch(path: Path, texts: Sequence[str], accuracy: Accuracy) -> Path:
    """As `NAS-Bench-201-v1_1-096897.pth`, in the file format of the torch of its time."""
    infos = {
        index: {"full": results(text, index, 200, accuracy), "less": results(text, index, 12, accuracy)}
        for index, text in enumerate(texts)
    }
    content = {"meta_archs": list(texts), "total_archs": len(texts), "arch2infos": infos}
    torch.save(content | {"evaluated_indexes": sorted(infos)}, path, _use_new_zipfile_serialization=False)
    return path
