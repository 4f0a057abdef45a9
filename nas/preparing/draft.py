"""A folder that is being prepared: what is finished in it is written down, and never done again."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.data.prepared.manifest import MANIFEST_FILE, Manifest, Piece
from nas.errors import UserError
from nas.search.lock import FILE_NAME as LOCK_FILE
from nas.search.lock import DriverLock
from nas.whole_file import draft_of

SUFFIX = ".part"
PROGRESS_FILE = "progress.jsonl"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Finished:
    """A unit of work that is done, its bytes on disk.

    Attributes:
        unit: its number.
        files: the pieces that it wrote, by file.
        broken: numbers of files that could not be decoded, and why.
    """

    unit: int
    files: Mapping[str, tuple[Piece, ...]]
    broken: tuple[tuple[int, str], ...] = ()


class Draft:
    """`NAME.part` beside the final folder, held by one process at a time.

    Args:
        final: the folder that it becomes when it is whole.
        about: what is prepared, as plain values; a draft of something else is refused.
    """

    def __init__(self, final: Path, about: Mapping[str, Any]) -> None:
        self.final = final
        self.folder = final.with_name(final.name + SUFFIX)
        self._about = json.loads(json.dumps(dict(about)))
        self._lock = DriverLock(self.folder)

    @contextmanager
    def held(self) -> Iterator[list[Finished]]:
        """Yields what is finished already.

        Raises:
            UserError: it cannot be made, another process holds it, it is a draft of something else, or the disk is
                full.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.folder} cannot be made ({error.strerror}): dataset.packed=PATH or dataset.shards=PATH names "
                "another place"
            ) from error
        self._lock.acquire()
        try:
            with told_when_full(self.folder):
                yield self._finished()
        finally:
            self._lock.release()

    def add(self, done: Finished) -> None:
        """Writes down that a unit is finished."""
        line = {"unit": done.unit, "files": done.files, "broken": done.broken}
        with (self.folder / PROGRESS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def complete(self, manifest: Manifest) -> None:
        """The draft becomes the final folder."""
        with draft_of(self.folder / MANIFEST_FILE) as path:
            path.write_text(json.dumps(manifest.plain(), indent=1), encoding="utf-8")
        for name in (PROGRESS_FILE, _ABOUT_FILE):
            (self.folder / name).unlink(missing_ok=True)
        os.rename(self.folder, self.final)
        (self.final / LOCK_FILE).unlink(missing_ok=True)

    def _finished(self) -> list[Finished]:
        path = self.folder / _ABOUT_FILE
        if not path.exists():
            with draft_of(path) as draft:
                draft.write_text(json.dumps(self._about, indent=1), encoding="utf-8")
            return []
        there = _read(path.read_text(encoding="utf-8"))
        for key, value in self._about.items():
            if not isinstance(there, dict) or there.get(key) != value:
                raise UserError(
                    f"{self.folder} was begun with another {key}: remove it to begin anew, or go on with what it was "
                    "begun with"
                )
        progress = self.folder / PROGRESS_FILE
        if not progress.exists():
            return []
        text = progress.read_text(encoding="utf-8")
        whole, _, torn = text.rpartition("\n")
        if torn:
            os.truncate(progress, len((whole + "\n").encode()) if whole else 0)
        return [_done(line) for line in whole.splitlines()]


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Turns a full disk into a sentence.

    Raises:
        UserError: it is full, or a quota or a limit on the size of files is reached.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise UserError(
            f"there is no space left for {folder} ({os.strerror(error.errno)}): free some and run the same command "
            "again, what is finished stays"
        ) from error


_ABOUT_FILE = "about.json"


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _done(line: str) -> Finished:
    plain = json.loads(line)
    files = {name: tuple((count, digest) for count, digest in pieces) for name, pieces in plain["files"].items()}
    return Finished(plain["unit"], files, tuple((row, why) for row, why in plain["broken"]))
