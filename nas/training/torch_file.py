"""Tensors and plain data in a file that is written whole or not at all, and read without unpickling anything else."""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import torch


class Unreadable(Exception):
    """A file is missing or damaged; the text says which, and does not name the file."""


def draft_of(path: Path) -> Path:
    """A file beside `path` that nobody else writes, not even a process on another node that writes the same file."""
    return path.with_name(f"{path.name}.{uuid4().hex}.part")


def write(path: Path, data: Any) -> None:
    """
    Raises:
        OSError: the disk does not take it; nothing is left of the attempt.
    """
    draft = draft_of(path)
    try:
        torch.save(data, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    except RuntimeError as error:  # torch's word for a disk that is full
        raise OSError(f"the weights {path} cannot be written: {str(error).splitlines()[0]}") from error
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path) -> Any:
    """What `write` wrote, on the CPU.

    Raises:
        Unreadable: the file is missing, or damaged.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except Exception as error:  # torch names damage in many ways
        raise Unreadable(f"holds no weights ({type(error).__name__})") from error
