"""A training's curves, shown to a logger of Lightning's and written down beside its checkpoint.

A training that goes on from its checkpoint repeats some steps, and its logger may have lost what was not sent yet: what
is written down tells both what must be logged again and what must not.
"""

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.loggers import Logger

from nas.training.classifier import Classifier
from nas.training.result import FitResult

FILE_NAME = "curves.jsonl"
EVERY_STEPS = 50  # or once an epoch, where that is more often
STEP = "step"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenLogger:
    """A logger for the time of a training.

    Attributes:
        logger: of Lightning's.
        delivered: how many rows it has already.
    """

    logger: Logger
    delivered: int = 0


Opening = Callable[[], AbstractContextManager[OpenLogger]]


@contextmanager
def curves_of(opening: Opening | None, folder: Path | None) -> Iterator["Curves | None"]:
    """The curves of one training; None where nobody wants them, or their logger fails: that never ends a training.

    Args:
        opening: opens the logger, in the process that trains.
        folder: of the checkpoint.
    """
    with ExitStack() as stack:
        curves = None
        if opening is not None:
            with _never_raising("the curves of this training are not logged"):
                curves = Curves(stack.enter_context(opening()), None if folder is None else folder / FILE_NAME)
        try:
            yield curves
        finally:
            with _never_raising("the end of this training's curves is not logged"):
                stack.close()


class Curves(pl.Callback):
    """Logs the loss and the learning rate of a step now and then, and what was measured at the end."""

    def __init__(self, opened: OpenLogger, path: Path | None) -> None:
        self.logger = opened.logger
        self._path = path
        self._failed = False
        self._step, self._rate, self._rate_before = 0, 0.0, 0.0
        rows = [] if path is None else _read(path)
        self._last = max((row[STEP] for row in rows), default=0)
        for row in rows[opened.delivered :]:
            self._log(row)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        step = trainer.global_step + 1
        if step != self._step:
            self._step, self._rate_before = step, self._rate
            self._rate = trainer.optimizers[0].param_groups[0]["lr"]

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """The loss is known one step late, see `Classifier.check_loss`."""
        assert isinstance(pl_module, Classifier)
        step = trainer.global_step - 1
        if step % min(EVERY_STEPS, pl_module.plan.steps_per_epoch) == 0:
            rate = {"train/learning_rate": self._rate_before} if self._rate_before else {}
            self._add(step, trainer.current_epoch, {"train/loss": pl_module.last_loss, **rate})

    def measured(self, trainer: pl.Trainer, result: FitResult) -> None:
        """The training has ended, and its network was measured."""
        measured = {
            "train/loss": result.train_loss,
            "valid/loss": result.valid_loss,
            "valid/accuracy": result.valid_accuracy,
            "selection/accuracy": result.selection_accuracy,
            "test/accuracy": result.test_accuracy,
        }
        self._add(trainer.global_step, trainer.current_epoch, measured)

    def _add(self, step: int, epoch: int, values: Mapping[str, float | None]) -> None:
        known = {name: value for name, value in values.items() if value is not None and math.isfinite(value)}
        if step <= self._last or not known:
            return
        self._last = step
        row = {STEP: step, "epoch": epoch, **known}
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps(row) + "\n")
        self._log(row)

    def _log(self, row: Mapping[str, Any]) -> None:
        if self._failed:
            return
        self._failed = True
        with _never_raising("the curves of this training are not logged from now on"):
            self.logger.log_metrics({name: value for name, value in row.items() if name != STEP}, step=row[STEP])
            self._failed = False


def _read(path: Path) -> list[dict[str, Any]]:
    """The rows; a last line that was cut is removed."""
    if not path.exists():
        return []
    whole = path.read_bytes()
    lines = whole[: whole.rfind(b"\n") + 1]
    if lines != whole:
        path.write_bytes(lines)
    return [json.loads(line) for line in lines.splitlines()]


@contextmanager
def _never_raising(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        logger.warning("%s (%s: %s)", what, type(error).__name__, error)
