"""The state of a training when it was saved last, in one file that is replaced at once or not at all."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from nas.errors import UserError
from nas.training.batch_plan import BatchPlan
from nas.training.classifier import RANDOM_STATES, Classifier
from nas.training.files import CHECKPOINT_FILE
from nas.training.random_state import random_states
from nas.whole_file import draft_of

__all__ = ["CHECKPOINT_FILE", "EpochCheckpoint", "Found", "Saving", "first_checkpoint", "found_checkpoint"]

_IDENTITY = "nas_identity"
_NOTES = "nas_notes"
_BATCHES = "nas_batches"
_LOOK_EVERY_STEPS = 50  # so often ranks ask each other whether it is time to save, and four times in a short epoch


@dataclass(frozen=True, kw_only=True)
class Saving:
    """When a training saves its state.

    Attributes:
        every_s: at most once in so many seconds; 0 saves after every epoch.
        last_epoch: also after the last epoch, whatever the time; useless where nothing but the final measurement
            follows.
        within_epoch_s: also in the middle of an epoch, at most once in so many seconds; None never does.
    """

    every_s: float = 0
    last_epoch: bool = True
    within_epoch_s: float | None = None


@dataclass(frozen=True)
class Found:
    """A checkpoint.

    Attributes:
        path: of the file.
        batches: of the epoch that are done; 0 between epochs.
        notes: what was noted when the training began.
    """

    path: Path
    batches: int = 0
    notes: Mapping[str, Any] = field(default_factory=dict)


class EpochCheckpoint(pl.Callback):
    """Writes `last.ckpt` after epochs, and in the middle of long ones.

    Args:
        folder: where; made if it is not there.
        identity: what the training is of, as plain values; see `found_checkpoint`.
        notes: plain values that are handed back to who finds the checkpoint.
        saving: when.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], notes: Mapping[str, Any], saving: Saving) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / CHECKPOINT_FILE
        self._own = {_IDENTITY: dict(identity), _NOTES: dict(notes)}
        self._saving = saving
        self._saved_s = time.monotonic()
        self._batches = 0

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, Classifier)
        if self._is_due_within(trainer, pl_module.plan, batch_idx + 1):
            self._save(trainer, batch_idx + 1)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self._is_due(trainer):
            self._save(trainer, 0)

    def _save(self, trainer: pl.Trainer, batches: int) -> None:
        self._batches = batches
        if trainer.is_global_zero:
            with draft_of(self._path) as draft:
                trainer.save_checkpoint(draft)
        else:
            trainer.save_checkpoint(self._path)  # has its part in gathering the state, and writes nothing
        self._saved_s = time.monotonic()

    def _is_due(self, trainer: pl.Trainer) -> bool:
        """The same on all ranks, who save together."""
        assert trainer.max_epochs is not None
        if trainer.should_stop or trainer.current_epoch + 1 >= trainer.max_epochs:
            return self._saving.last_epoch
        if self._saving.every_s == 0:
            return True
        return self._is_time(trainer, self._saving.every_s)

    def _is_due_within(self, trainer: pl.Trainer, plan: BatchPlan, batches: int) -> bool:
        """Between two steps of an epoch that has more; the same on all ranks."""
        if self._saving.within_epoch_s is None or not plan.begins_step(batches) or batches >= plan.num_batches:
            return False
        every = min(_LOOK_EVERY_STEPS, max(1, plan.steps_per_epoch // 4))
        if trainer.world_size > 1 and batches // plan.accumulate % every:
            return False
        return self._is_time(trainer, self._saving.within_epoch_s)

    def _is_time(self, trainer: pl.Trainer, every_s: float) -> bool:
        return bool(trainer.strategy.broadcast(time.monotonic() - self._saved_s >= every_s))

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint.update(self._own | {_BATCHES: self._batches})
        if self._batches:
            checkpoint[RANDOM_STATES] = random_states(pl_module.network, pl_module.device)  # type: ignore[arg-type]


class _Unusable(Exception):
    """Why a file is no use, and what to do about it."""

    def __init__(self, why: str, cure: str) -> None:
        super().__init__(why)
        self.cure = cure


def found_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Found | None:
    """The checkpoint in the folder, None if there is none.

    Args:
        folder: of `EpochCheckpoint`.
        identity: what the training is of; the checkpoint's must be equal in every key.

    Raises:
        UserError: it is of another training, or cannot be read.
    """
    path = folder / CHECKPOINT_FILE
    try:
        return _read(path, identity)
    except _Unusable as error:
        raise UserError(f"{path} {error}; {error.cure}") from error


def first_checkpoint(folders: Sequence[Path], identity: Mapping[str, Any]) -> Found | None:
    """The first checkpoint in the folders that is of this training; says in the log what it finds.

    Args:
        folders: see `found_checkpoint`; need not be there.
        identity: likewise.
    """
    for folder in folders:
        path = folder / CHECKPOINT_FILE
        try:
            found = _read(path, identity)
        except _Unusable as error:
            print(f"{path} {error}: it is passed over", file=sys.stderr, flush=True)
            continue
        if found is not None:
            print(f"the training goes on from {path}", file=sys.stderr, flush=True)
            return found
    return None


def _read(path: Path, identity: Mapping[str, Any]) -> Found | None:
    """Reads the whole file, which finds damage anywhere; mapped into memory, a file on a network may change or fail."""
    if not path.exists():
        return None
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
        there, notes, batches = held[_IDENTITY], held.get(_NOTES, {}), held.get(_BATCHES, 0)
    except Exception as error:
        raise _Unusable(
            f"is no checkpoint of a training ({type(error).__name__})", "remove it to begin anew"
        ) from error
    for key, value in identity.items():
        if there.get(key) != value:
            raise _Unusable(
                f"is of a training with another {key} ({_shown(there.get(key))} there, {_shown(value)} here)",
                "give this one a folder of its own",
            )
    return Found(path, batches, notes)


def _shown(value: Any, length: int = 60) -> str:
    text = str(value)
    return text if len(text) <= length else f"{text[:length]}..."
