"""The listing of a prepared set's source, kept beside its files, so that nobody lists a million files again."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.findings import Finding
from nas.data.prepared.manifest import Manifest, Piece

NAMES_FILE = "files.txt"  # relative paths, one a line: line k is image k
TABLE_FILE = "listing.npy"  # int64 (images, 3): label, part, unit
PARTS = (None, "train", "val", "test")  # numbers in the table stand for these


@dataclass(frozen=True, eq=False)
class KeptListing:
    """As `nas.data.folder_listing.Listing`, without the files themselves; broken ones are left out.

    Attributes:
        folder: of the prepared set.
        manifest: its own.
        images_at: what a part holds for images with these numbers, if the set lies in this folder.
    """

    folder: Path
    manifest: Manifest
    images_at: Callable[[Path, NDArray[np.int64]], Any]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.manifest.classes

    @property
    def fingerprint(self) -> str:
        return str(self.manifest.source["fingerprint"])

    @property
    def root(self) -> Path:
        """Where the images lay."""
        return Path(self.manifest.source["root"])

    @property
    def files(self) -> NDArray[np.int64]:
        """Numbers of the images that can be used."""
        return self._numbers

    @property
    def names(self) -> list[str]:
        """Relative paths of the images that can be used."""
        lines = (self.folder / NAMES_FILE).read_text(encoding="utf-8").splitlines()
        return [lines[number] for number in self._numbers]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was left out."""
        return tuple(Finding("broken", name, why) for _, name, why in self.manifest.broken)

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 `(files,)`."""
        return self._table[:, 0]

    @property
    def units(self) -> NDArray[np.int64]:
        """int64 `(files,)`; files of equal number stay on one side of a split."""
        return self._table[:, 2]

    def of_part(self, part: str | None) -> NDArray[np.int64]:
        """Places of the files that the source itself puts into a part; None: into none."""
        return np.flatnonzero(self._table[:, 1] == PARTS.index(part)).astype(np.int64)

    def images(self, places: NDArray[np.int64]) -> Any:
        """What a `Part` holds for the files at these places."""
        return self.images_at(self.folder, self._numbers[places])

    def at(self, folder: Path) -> "KeptListing":
        """The same set in another folder."""
        return replace(self, folder=folder)

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        whole = np.load(self.folder / TABLE_FILE, mmap_mode="r", allow_pickle=False)
        broken = [number for number, _, _ in self.manifest.broken]
        return np.delete(np.arange(len(whole), dtype=np.int64), broken)

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        return np.load(self.folder / TABLE_FILE, allow_pickle=False)[self._numbers]


def keep_listing(folder: Path, listing: Any) -> dict[str, tuple[Piece, ...]]:
    """Writes a listing down.

    Args:
        folder: where.
        listing: a `nas.data.folder_listing.Listing`.

    Returns:
        The files' pieces.

    Raises:
        OSError: they cannot be written.
    """
    table = np.array(
        [(file.label, PARTS.index(file.part), unit) for file, unit in zip(listing.files, listing.units, strict=True)],
        np.int64,
    )
    with (folder / TABLE_FILE).open("wb") as file:
        np.save(file, table, allow_pickle=False)
        _sync(file)
    with (folder / NAMES_FILE).open("w", encoding="utf-8", errors="surrogateescape") as names:
        names.writelines(f"{file.name}\n" for file in listing.files)
        _sync(names)
    return {name: (file_piece(folder / name),) for name in (TABLE_FILE, NAMES_FILE)}


def kept_names(folder: Path) -> list[str]:
    """Relative paths of all images, the broken ones too."""
    return (folder / NAMES_FILE).read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1]


def file_piece(path: Path) -> Piece:
    """A whole file as one piece."""
    digest, count = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            count += len(block)
    return count, digest.hexdigest()


def folder_times(root: Path, names: Sequence[str]) -> str:
    """A hash of when each folder of a data set last gained or lost a file; "" if one cannot be read."""
    digest = sha256()
    try:
        for folder in sorted({os.path.dirname(name) for name in names}):
            digest.update(f"{folder} {(root / folder).stat().st_mtime_ns}\n".encode(errors="surrogateescape"))
    except OSError:
        return ""
    return digest.hexdigest()[:32]


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
