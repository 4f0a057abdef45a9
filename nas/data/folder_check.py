"""Looks into every image file once: a hash of its bytes, whether it can be decoded, and what is unusual about it.

What was found is kept in a cache by path, size and time of change, so that only new and changed files are read again.
"""

import json
import os
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nas.data.image_file import Undecodable, traits
from nas.errors import UserError
from nas.whole_file import draft_of

VERSION = 1  # of the cache; another one is begun anew
ANNOUNCED = 2000  # so many files are announced, as they take a while
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Checked:
    """
    Attributes:
        sha256: of the bytes, in hexadecimal.
        error: why it cannot be decoded; "" if it can.
        traits: words of `nas.data.findings.TRAITS`.
    """

    sha256: str
    error: str
    traits: tuple[str, ...]


def check_files(root: Path, names: Sequence[str], cache: Path | None) -> list[Checked]:
    """What is known of each file, in the order of the names.

    Args:
        root: the folder.
        names: of files in it.
        cache: folder of what is known already; None keeps nothing. One that cannot be read or written does no harm.

    Raises:
        UserError: a file cannot be read at all.
    """
    path = None if cache is None else cache.expanduser() / f"{sha256(os.path.realpath(root).encode()).hexdigest()}.json"
    known = {} if path is None else _read(path)
    stamps = [_stamp(root / name) for name in names]
    found = {name: known[name][1] for name, stamp in zip(names, stamps, strict=True) if _is_known(known, name, stamp)}
    new = [name for name in names if name not in found]
    if len(new) >= ANNOUNCED:
        print(f"looking into {len(new):,} image files of {root}, once", file=sys.stderr, flush=True)
    with warnings.catch_warnings(), ThreadPoolExecutor(min(32, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")  # Pillow's, of files that can be used all the same
        found.update(zip(new, pool.map(lambda name: _check(root / name), new, chunksize=_CHUNK), strict=True))
    if path is not None and new:
        _write(path, {name: (stamp, found[name]) for name, stamp in zip(names, stamps, strict=True)})
    return [found[name] for name in names]


_Stamp = tuple[int, int]  # size in bytes, time of change in nanoseconds
_Known = dict[str, tuple[_Stamp, Checked]]


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    return status.st_size, status.st_mtime_ns


def _is_known(known: _Known, name: str, stamp: _Stamp) -> bool:
    return name in known and known[name][0] == stamp


def _check(path: Path) -> Checked:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    digest = sha256(content).hexdigest()
    try:
        return Checked(digest, "", traits(content))
    except Undecodable as error:
        return Checked(digest, str(error), ())


def _read(path: Path) -> _Known:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return {}
        return {name: _entry(**entry) for name, entry in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _entry(size: int, changed_ns: int, sha256: str, error: str, traits: list[str]) -> tuple[_Stamp, Checked]:
    return (size, changed_ns), Checked(sha256, error, tuple(traits))


def _write(path: Path, known: _Known) -> None:
    files: dict[str, dict[str, Any]] = {
        name: {"size": size, "changed_ns": changed_ns, **asdict(checked)}
        for name, ((size, changed_ns), checked) in known.items()
    }
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            draft.write_text(json.dumps({"version": VERSION, "files": files}), encoding="utf-8")
