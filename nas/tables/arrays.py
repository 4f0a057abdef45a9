"""Files of named arrays (`.npz`): read without executing anything, written whole or not at all."""

import os
import zipfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError

Arrays = dict[str, NDArray[Any]]


def read_arrays(path: str | Path, what: str) -> Arrays:
    """The arrays of a file, by name.

    Args:
        path: of the file.
        what: names it in the sentence.

    Raises:
        FileNotFoundError: there is none, so that the caller can say where to get it.
        UserError: it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise UserError(f"{what} cannot be read: it is a single array, not an .npz file")
            return {name: file[name] for name in file.files}
    except (FileNotFoundError, UserError):
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise UserError(f"{what} cannot be read: {error}") from error


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes an `.npz` file in one move; what was there is replaced.

    Raises:
        UserError: it cannot be written.
    """
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(f"the table {path} cannot be written: {error.strerror}") from error


def content_fingerprint(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Of the content, whatever the file's name or compression."""
    digest = blake2b(digest_size=8)
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
