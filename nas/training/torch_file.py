"""Tensors and plain data in a file that is written whole or not at all, and read without unpickling anything else."""

from pathlib import Path
from typing import Any

import torch

from nas.whole_file import draft_of


class Unreadable(Exception):
    """A file is missing or damaged; the text says which, and does not name the file."""


def write(path: Path, data: Any) -> None:
    """
    Raises:
        OSError: the disk does not take it; nothing is left of the attempt.
    """
    try:
        with draft_of(path) as draft, draft.open("wb") as file:  # given a name, torch puts that into the file
            torch.save(data, file)
    except (OSError, RuntimeError) as error:  # both are words for a disk that is full
        raise OSError(f"the weights {path} cannot be written: {str(error).splitlines()[0]}") from error


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
