"""Fetches a standard data set with torchvision and keeps it as one .npz file.

`python -m nas.data.download NAME FILE`: a process of its own, since torchvision loads torch and a driver must not.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from nas.errors import UserError

TORCHVISION_NAMES = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "cifar10": "CIFAR10", "cifar100": "CIFAR100"}


def download(name: str, path: Path) -> None:
    """Writes `path`, whole or not at all.

    Raises:
        UserError: the folder cannot be made or the set cannot be fetched; the sentence says how to bring it oneself.
    """
    own = (
        f"put {path.name} with x_train, y_train, x_test and y_test there, or set dataset.root to the folder that has it"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"dataset.root={path.parent} cannot be made ({error.strerror}): {own}") from error
    print(f"fetching {name} to {path}", file=sys.stderr)
    command = [sys.executable, "-m", "nas.data.download", name, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ended.returncode != 0:
        with suppress(OSError):
            path.parent.rmdir()  # if it is empty
        reason = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"there is no {path} and it could not be downloaded ({reason}): {own}")


def fetch(name: str, path: Path) -> None:
    """Downloads beside `path`, then moves the finished file there."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{name}.") as folder:
        draft = Path(folder) / "draft.npz"
        np.savez_compressed(draft, **read_torchvision(name, folder))
        os.replace(draft, path)


def read_torchvision(name: str, folder: str) -> dict[str, Any]:
    """The arrays of a set that torchvision finds in `folder`, or fetches into it."""
    from torchvision import datasets

    arrays: dict[str, Any] = {}
    for part in ("train", "test"):
        found = getattr(datasets, TORCHVISION_NAMES[name])(folder, train=part == "train", download=True)
        arrays[f"x_{part}"] = np.asarray(found.data)
        arrays[f"y_{part}"] = np.asarray(found.targets, np.int64)
    return arrays


if __name__ == "__main__":
    fetch(sys.argv[1], Path(sys.argv[2]))
