"""Looks at the clock while Lightning trains and measures; what it saw lies in a file, as the process may be another."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

KIB, GIB = 2**10, 2**30


class Clock(pl.Callback):
    """Writes the seconds at which passes began and ended, and the most memory, once the measuring has ended.

    Args:
        path: of the file; the first rank writes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._train: list[float] = []
        self._valid: list[float] = []

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if pl_module.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(pl_module.device)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        if not self._train:
            self._train.append(time.perf_counter())

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        self._train.append(time.perf_counter())  # what a GPU was given before has ended, as its loss was asked for

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._train[-1] = _now(pl_module)
        self._write(trainer, pl_module)  # a training that diverged is not measured

    def on_validation_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        if not self._valid:
            self._valid.append(_now(pl_module))

    def on_validation_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:
        self._valid.append(_now(pl_module))

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._write(trainer, pl_module)

    def _write(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if trainer.is_global_zero:
            on_device = pl_module.device.type == "cuda"
            seen = {
                "train": self._train,
                "valid": self._valid,
                "memory_gb": resident_gb(),
                "device_gb": torch.cuda.max_memory_reserved(pl_module.device) / GIB if on_device else None,
            }
            self._path.write_text(json.dumps(seen))


def resident_gb() -> float:
    """The most memory that this process has held, in GiB. Linux tells of this program alone, `getrusage` also of the
    one that it replaced."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * KIB / GIB
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most * (1 if sys.platform == "darwin" else KIB) / GIB


def _now(module: pl.LightningModule) -> float:
    """Once the device has done what it was given."""
    if module.device.type == "cuda":
        torch.cuda.synchronize(module.device)
    return time.perf_counter()
