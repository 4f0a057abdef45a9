"""The journal: an append-only file of JSON lines, the search's only checkpoint.

Line 1 is the header; every further line is one event, written by one `write()` before it is acted on. A file that was
cut in the middle of a line is mended when it is opened for writing: the bytes after the last newline are moved to
`history.torn.N`. Nothing else is ever removed. Only appends, no locks and no memory maps, so it also lives on a
network file system.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from nas.errors import UserError

FORMAT = "nas-history"
VERSION = 1
SYNC_INTERVAL_S = 1.0
FILE_NAME = "history.jsonl"

_encode = json.JSONEncoder(
    sort_keys=True, allow_nan=False, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def _decode(line: str) -> Any:
    """The value of one line. A line as we write it is read in one go; any other takes the decoder's slower way."""
    try:
        value, end = _decoder.raw_decode(line)
    except json.JSONDecodeError:
        return _decoder.decode(line)
    return value if end == len(line) - 1 and line[end] == "\n" else _decoder.decode(line)


class JournalFull(UserError):
    """An event could not be written: the disk is full or the quota is used up."""


class Journal:
    """A journal that is open for appending.

    Attributes:
        path: the file.
        elapsed_s: the driver's monotonic seconds over all sessions, as of now.
    """

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        """Opens `path`, mends a torn last line, and writes the header when there is none yet.

        Raises:
            UserError: the file cannot be opened for writing.
        """
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise UserError(f"the journal {path} cannot be opened for writing: {error.strerror}") from error
        self._size = os.fstat(self._fd).st_size
        self._move_torn_line()
        self._base_s = _last_elapsed_s(path)
        self._start = time.monotonic()
        self._synced = float("-inf")
        if self._size == 0:
            self._write({"format": FORMAT, "version": VERSION, **header})
            self.sync()

    @property
    def elapsed_s(self) -> float:
        return self._base_s + time.monotonic() - self._start

    def append(self, event: str, **fields: Any) -> float:
        """Writes one event and returns its `elapsed_s`.

        Raises:
            JournalFull: it could not be written whole; what was written of it has been cut off again.
        """
        now = time.monotonic()
        fields["event"] = event
        fields["time"] = round(time.time(), 3)
        fields["elapsed_s"] = elapsed_s = round(self._base_s + now - self._start, 6)
        self._write(fields)
        if now - self._synced > SYNC_INTERVAL_S:
            self.sync()
        return elapsed_s

    def sync(self) -> None:
        """Makes everything written so far survive a power cut.

        Raises:
            JournalFull: the file system did not take it; on a network some say so only now.
        """
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise JournalFull(f"the journal {self.path} cannot be written ({error.strerror})") from error
        self._synced = time.monotonic()

    def close(self) -> None:
        if self._fd >= 0:
            try:
                self.sync()
            finally:
                os.close(self._fd)
                self._fd = -1

    def _write(self, record: dict[str, Any]) -> None:
        line = (_encode(record) + "\n").encode()
        try:
            written = os.write(self._fd, line)
            reason = "the disk is full" if written < len(line) else None
        except OSError as error:
            written, reason = 0, error.strerror
        if reason is not None:
            os.ftruncate(self._fd, self._size)
            raise JournalFull(f"the journal {self.path} cannot be written ({reason}); everything before is safe")
        self._size += written

    def _move_torn_line(self) -> None:
        keep = _end_of_last_line(self._fd, self._size)
        if keep == self._size:
            return
        torn = os.pread(self._fd, self._size - keep, keep)
        number = 1
        while True:
            try:
                with open(self.path.with_name(f"history.torn.{number}"), "xb") as file:
                    file.write(torn)
                    file.flush()
                    os.fsync(file.fileno())
                break
            except FileExistsError:
                number += 1
        os.ftruncate(self._fd, keep)
        self._size = keep


def read_header(path: Path) -> dict[str, Any] | None:
    """The header of a journal; None where there is no file or no complete first line yet.

    Raises:
        UserError: the file is no journal, or of a newer format than this version reads.
    """
    try:
        with open(path, "rb") as file:
            line = file.readline()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"the journal {path} cannot be read: {error.strerror}") from error
    if not line.endswith(b"\n"):
        return None
    header = parse_line(path, 1, line)
    if header.get("format") != FORMAT:
        raise UserError(f"{path} is no journal of nas: its first line says {line[:80].decode(errors='replace')!r}")
    if not isinstance(header.get("version"), int) or header["version"] > VERSION:
        raise UserError(
            f"the journal {path} has format version {header.get('version')}, this nas reads up to {VERSION}: update nas"
        )
    if not isinstance(header.get("identity"), dict):
        raise UserError(f"line 1 of {path} is damaged: it has no identity")
    return header


def parse_line(path: Path, line_number: int, line: bytes) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        UserError: it is none.
    """
    try:
        record = _decode(line.decode())
    except ValueError as error:
        raise UserError(f"line {line_number} of {path} is damaged: {error}") from None
    if not isinstance(record, dict):
        raise UserError(f"line {line_number} of {path} is damaged: it is no JSON object")
    return record


def _end_of_last_line(fd: int, size: int, block: int = 1 << 16) -> int:
    """Offset behind the last newline among the first `size` bytes."""
    end = size
    while end > 0:
        start = max(0, end - block)
        newline = os.pread(fd, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def last_event(path: Path, block: int = 1 << 20) -> dict[str, Any] | None:
    """The last whole event, without reading what is before it; None where there is no journal or no event yet."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - block))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        try:
            event = json.loads(line)
            float(event["elapsed_s"])
        except (ValueError, KeyError, TypeError):
            continue
        return event
    return None


def _last_elapsed_s(path: Path) -> float:
    """`elapsed_s` of the last event: where the clock of the next session starts."""
    event = last_event(path)
    return float(event["elapsed_s"]) if event is not None else 0.0
