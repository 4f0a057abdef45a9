"""Copies a prepared set to a node's own disk, once, however many processes ask for it."""

import json
import os
import secrets
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from nas.data.prepared.manifest import MANIFEST_FILE, Manifest
from nas.errors import UserError

WAIT_S = 0.2


def staged(folder: Path, manifest: Manifest, target: Path) -> Path:
    """The copy in `target`, made by the first process of this node that asks; the others wait for it.

    The lock is made with link() and falls to the next when its process is gone. That there are not two copies is a
    matter of bytes only: a copy gets its name when it is whole and its checksums have been compared.

    Args:
        folder: of the set.
        manifest: its own.
        target: a folder on the node's disk.

    Raises:
        UserError: it cannot be written, is full, or what was read is not what was prepared.
    """
    copy = target / f"{folder.name}-{manifest.checksum[:16]}"
    lock = copy.with_name(f"{copy.name}.lock")
    try:
        target.mkdir(parents=True, exist_ok=True)
        while not _is_whole(copy, manifest):
            if _taken(lock):
                try:
                    if not _is_whole(copy, manifest):
                        _copy(folder, manifest, copy)
                finally:
                    lock.unlink(missing_ok=True)
            else:
                time.sleep(WAIT_S)
    except OSError as error:
        raise UserError(
            f"dataset.stage_to={target} cannot take {folder}, which needs {manifest.total_bytes / 1e9:.1f} GB: "
            f"{error.strerror}"
        ) from error
    return copy


def _is_whole(copy: Path, manifest: Manifest) -> bool:
    """A copy that somebody has damaged is taken away."""
    if not copy.exists():
        return False
    try:
        if Manifest.read(copy).checksum == manifest.checksum:
            manifest.check_sizes(copy)
            return True
    except UserError:
        pass
    spoilt = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
    with suppress(OSError):  # another process was faster
        os.rename(copy, spoilt)
    shutil.rmtree(spoilt, ignore_errors=True)
    return False


def _copy(folder: Path, manifest: Manifest, copy: Path) -> None:
    for left in copy.parent.glob(f"{copy.name}.*.part"):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    draft = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
    draft.mkdir()
    try:
        for name in manifest.files:
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            with (draft / name).open("wb") as file:
                for piece in manifest.checked_pieces(folder, name):
                    file.write(piece)
        shutil.copyfile(folder / MANIFEST_FILE, draft / MANIFEST_FILE)
        os.rename(draft, copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _taken(lock: Path) -> bool:
    """Whether the lock is ours now; one of a process that is gone is removed."""
    process = psutil.Process()
    draft = lock.with_name(f"{lock.name}.{secrets.token_hex(8)}")
    owner = {"host": socket.gethostname(), "pid": process.pid, "start": process.create_time()}
    draft.write_text(json.dumps(owner))
    try:
        os.link(draft, lock)
        return True
    except FileExistsError:
        _remove_if_dead(lock)
        return False
    finally:
        draft.unlink(missing_ok=True)


def _remove_if_dead(lock: Path) -> None:
    owner = _read(lock)
    if owner is None or _is_alive(owner):
        return
    stale = lock.with_name(f"{lock.name}.{secrets.token_hex(8)}")
    with suppress(OSError):
        os.rename(lock, stale)
        taken = _read(stale)
        if taken is not None and taken != owner:  # a faster process has its own lock back
            with suppress(FileExistsError):
                os.link(stale, lock)
        stale.unlink()


def _read(lock: Path) -> dict[str, Any] | None:
    try:
        return json.loads(lock.read_text())
    except (OSError, ValueError):
        return None


def _is_alive(owner: dict[str, Any]) -> bool:
    try:
        process = psutil.Process(int(owner["pid"]))
        return abs(process.create_time() - float(owner["start"])) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
