"""Pickles of plain data, read without executing anything: what a pickle may name is a short list."""

import bz2
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from nas.errors import UserError

_SCALAR = np.float64(0).__reduce__()[0]  # its module has other names in numpy 1 and 2


def _latin1(text: str, encoding: str) -> bytes:
    """In place of `codecs.encode`, by which old protocols spell bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "scalar"): _SCALAR,
    ("numpy._core.multiarray", "scalar"): _SCALAR,
    ("_codecs", "encode"): _latin1,
}
_BROKEN = (EOFError, OSError, ValueError, LookupError, AttributeError, TypeError, zipfile.BadZipFile)
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER


class PlainUnpickler(pickle.Unpickler):
    """Makes dicts, lists, tuples, sets, strings, numbers and numpy scalars, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """
        Raises:
            UnpicklingError: the name is not on the list; nothing was imported.
        """
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None

    def persistent_load(self, pid: Any) -> NoReturn:
        raise pickle.UnpicklingError("it refers to something outside itself")


def read_bz2_pickle(path: Path) -> Any:
    """The plain data of a bz2-compressed pickle.

    Raises:
        UserError: the file is missing, damaged, or holds more than plain data.
    """
    with _sentences(path), bz2.open(path, "rb") as file:
        return PlainUnpickler(file).load()


def read_torch_pickle(path: Path) -> Any:
    """The plain data of a file of `torch.save`, old form or new, that holds no tensor.

    `torch.load(weights_only=True)` reads the same, 25 times slower: its unpickler is written in Python.

    Raises:
        UserError: the file is missing, damaged, or holds more than plain data.
    """
    with _sentences(path), path.open("rb") as file:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
                with archive.open(name) as inner:
                    return PlainUnpickler(inner).load()
        file.seek(0)
        magic, _version, _system, content = (PlainUnpickler(file).load() for _ in range(4))
        if magic != _TORCH_MAGIC:
            raise ValueError("it is no file of torch")
        return content


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UserError(f"there is no file {path}") from error
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path} is no pickle of plain data ({error}); nothing but numbers, texts and their collections is read, "
            "so take the archive without weights, whose name ends in -simple"
        ) from error
    except _BROKEN as error:
        raise UserError(f"{path} cannot be read: {error}") from error
