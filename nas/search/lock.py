"""One driver per run: `driver.lock`, safe on a network file system (made by link(), no flock)."""

import json
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from nas.errors import UserError

FILE_NAME = "driver.lock"
REWRITE_INTERVAL_S = 10.0
FOREIGN_WATCH_S = 60.0


class DriverLock:
    """Held from `acquire` to `release`; a thread rewrites its counter every 10 s so that other hosts see it alive.

    A lock whose process is gone (same boot) or whose counter stands still for 60 s (elsewhere) is stale and is taken
    over by renaming it. The owner asks `still_held` before it submits a child.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.token = secrets.token_hex(16)
        self._counter = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, watch_s: float = FOREIGN_WATCH_S) -> None:
        """
        Raises:
            UserError: another driver holds the run, or the folder cannot be written.
        """
        while not self._link():
            holder = _read(self.path)
            if holder is None:
                continue
            if _is_alive(self.path, holder, watch_s):
                raise UserError(
                    f"another driver works on {self.path.parent}: process {holder.get('pid')} on {holder.get('host')}"
                )
            self._take_away(holder)
        self._thread = threading.Thread(target=self._rewrite, name="driver-lock", daemon=True)
        self._thread.start()

    def still_held(self) -> bool:
        """Whether the file still names this driver."""
        holder = _read(self.path)
        return holder is not None and holder.get("token") == self.token

    def release(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self.still_held():
            self.path.unlink(missing_ok=True)

    def _link(self) -> bool:
        """Makes the lock file in one step; False if there is one."""
        draft = self._write_draft()
        try:
            os.link(draft, self.path)
        except FileExistsError:
            return False
        except OSError as error:
            raise UserError(f"the run folder {self.path.parent} cannot be locked: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
        return True

    def _take_away(self, holder: dict[str, Any]) -> None:
        """Renames a stale lock. A driver that was faster than us gets its fresh lock back."""
        stale = self.path.with_name(f"{FILE_NAME}.stale.{self.token}")
        try:
            os.rename(self.path, stale)
        except FileNotFoundError:
            return
        taken = _read(stale)
        if taken is not None and taken.get("token") != holder.get("token"):
            with suppress(FileExistsError):  # a third driver: it runs, and the one we robbed finds out by its token
                os.link(stale, self.path)
        stale.unlink(missing_ok=True)

    def _write_draft(self) -> Path:
        draft = self.path.with_name(f"{FILE_NAME}.{self.token}")
        try:
            draft.write_text(json.dumps({**_this_process(), "token": self.token, "counter": self._counter}))
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise UserError(f"the run folder {self.path.parent} cannot be written: {error.strerror}") from error
        return draft

    def _rewrite(self) -> None:
        while not self._stop.wait(REWRITE_INTERVAL_S):
            self._counter += 1
            try:
                if self.still_held():
                    os.replace(self._write_draft(), self.path)
            except (OSError, UserError):
                continue  # a full disk must not end the search from here; the journal will say so


@dataclass(frozen=True, slots=True)
class Holder:
    """The driver that holds a run.

    Attributes:
        host: where it runs.
        pid: its process there.
    """

    host: str
    pid: int


def lock_holder(folder: Path) -> Holder | None:
    """The driver that works in a folder, without waiting: on another host it counts as long as its counter was written
    within the last minute, by the file system's clock."""
    path = folder / FILE_NAME
    found = _read(path)
    if not found:
        return None
    holder = Holder(str(found.get("host")), int(found.get("pid", 0)))
    if found.get("boot") == _boot_id() and found.get("host") == socket.gethostname():
        return holder if _process_runs(found) else None
    try:
        return holder if time.time() - path.stat().st_mtime < FOREIGN_WATCH_S else None
    except OSError:
        return None


def _this_process() -> dict[str, Any]:
    process = psutil.Process()
    return {"host": socket.gethostname(), "boot": _boot_id(), "pid": process.pid, "start": process.create_time()}


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(round(psutil.boot_time()))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _is_alive(path: Path, holder: dict[str, Any], watch_s: float) -> bool:
    if holder.get("boot") == _boot_id() and holder.get("host") == socket.gethostname():
        return _process_runs(holder)
    deadline = time.monotonic() + watch_s
    while time.monotonic() < deadline:
        time.sleep(min(1.0, watch_s))
        now = _read(path)
        if now is None:
            return False  # released meanwhile
        if now != holder:
            return True
    return False


def _process_runs(holder: dict[str, Any]) -> bool:
    try:
        process = psutil.Process(int(holder["pid"]))
        same = abs(process.create_time() - float(holder["start"])) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
