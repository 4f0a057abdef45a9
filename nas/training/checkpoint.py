"""The state of a training after its last whole epoch, in one file that is replaced at once or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from nas.errors import UserError

CHECKPOINT_FILE = "last.ckpt"
_IDENTITY = "nas_identity"


class EpochCheckpoint(pl.Callback):
    """Writes `last.ckpt` after every epoch.

    Args:
        folder: where; made if it is not there.
        identity: what the training is of, as plain values; see `found_checkpoint`.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / CHECKPOINT_FILE
        self._identity = dict(identity)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        draft = self._path.with_name(f"{CHECKPOINT_FILE}.part")
        trainer.save_checkpoint(draft)
        if trainer.is_global_zero:
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(draft, self._path)

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint[_IDENTITY] = self._identity


def found_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Path | None:
    """The checkpoint in the folder, None if there is none.

    Args:
        folder: of `EpochCheckpoint`.
        identity: what the training is of; the checkpoint's must be equal in every key.

    Raises:
        UserError: it is of another training, or cannot be read.
    """
    path = folder / CHECKPOINT_FILE
    if not path.exists():
        return None
    try:
        there = torch.load(path, map_location="cpu", weights_only=True)[_IDENTITY]
    except Exception as error:
        raise UserError(
            f"{path} is no checkpoint of a training ({type(error).__name__}); remove it to begin anew"
        ) from error
    for key, value in identity.items():
        if there.get(key) != value:
            raise UserError(
                f"{path} is of a training with another {key} ({_shown(there.get(key))} there, {_shown(value)} here); "
                "give this one a folder of its own"
            )
    return path


def _shown(value: Any, length: int = 60) -> str:
    text = str(value)
    return text if len(text) <= length else f"{text[:length]}..."
