"""A stranger's archive, checked before anything of it is used.

Nothing in it is executed, and nothing but its journal is unpacked, under a name of ours into a folder of ours.
"""

import hashlib
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nas.errors import UserError
from nas.reproduction.archive_files import (
    ENVIRONMENT,
    FORMAT,
    JOURNAL,
    MANIFEST,
    MOST_FILES,
    PARTS,
    REQUIRED,
    SPLIT,
    VERSION,
    most_bytes,
)
from nas.reproduction.split_files import split_files
from nas.search.environment import parse_environment
from nas.search.history import History

_BLOCK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An archive whose files are those of its manifest.

    Attributes:
        name: of the file, without its ending.
        manifest: see `nas.reproduction.archiving`.
        history: its journal.
        environment: of the search, see `nas.search.environment`.
        split: SHA-256 of the files that say which images were in which part, by name.
    """

    name: str
    manifest: Mapping[str, Any]
    history: History
    environment: Mapping[str, Any]
    split: Mapping[str, str]

    @property
    def partial(self) -> bool:
        """Whether the search was not finished."""
        return bool(self.manifest.get("partial"))

    def said(self, evaluator: Any) -> dict[str, Any]:
        """What the archive and its split say, with a sentence.

        Args:
            evaluator: with the data set that is here; None where none was needed.
        """
        split = self._split(getattr(evaluator, "dataset", None))
        words = {
            None: "Which images were in which part is not compared.",
            True: "The parts of the data set hold the same images here.",
            False: "The parts of the data set hold OTHER images here than there.",
        }
        files = len(self.manifest["files"])
        parts = [f"The archive's {files} files are those of its manifest.", words[split]]
        if self.partial:
            parts.append("It is of a search that was not finished.")
        return {"partial": self.partial, "same_split": split, "sentence": " ".join(parts)}

    def _split(self, dataset: Any) -> bool | None:
        if dataset is None or not self.split:
            return None
        here = {name: hashlib.sha256(content).hexdigest() for name, content in split_files(dataset).items()}
        return here == dict(self.split) if here else None


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """The archive; its journal lies in a temporary folder meanwhile.

    Raises:
        UserError: the file is no archive of nas, of a newer version, or not what its manifest says; it holds a name
            that no archive has, or more than it may; or its journal is damaged.
    """
    if not path.is_file():
        raise UserError(f"there is no archive {path}")
    with TemporaryDirectory(prefix="nas-archive-") as folder:
        journal = Path(folder) / path.stem / JOURNAL
        journal.parent.mkdir()
        try:
            with zipfile.ZipFile(path) as archive:
                manifest = _manifest(path, archive)
                contents = _unpacked(path, archive, manifest, journal)
        except _DAMAGED as error:
            raise UserError(f"the archive {path} cannot be read: {error}") from error
        except OSError as error:
            raise UserError(f"the archive {path} cannot be read: {error.strerror or error}") from error
        split = {f"{SPLIT}/{part}.{ending}" for part in PARTS for ending in ("npy", "txt")}
        yield Archive(
            name=path.stem,
            manifest=manifest,
            history=_history(path, journal),
            environment=parse_environment(contents, f"{ENVIRONMENT} of {path}"),
            split={name: str(facts["sha256"]) for name, facts in manifest["files"].items() if name in split},
        )


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read first: what a newer version has put in is not known here."""
    try:
        info = archive.getinfo(MANIFEST)
    except KeyError:
        raise UserError(f"{path} is no archive of nas: it has no {MANIFEST}") from None
    _check_entry(path, info)
    try:
        found = json.loads(b"".join(_blocks(path, archive, info)))
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError("it has another format")
        version = found.get("version")
        if type(version) is not int or version < 1:
            raise ValueError(f"its version is {version!r}")
        if version > VERSION:
            raise UserError(
                f"the archive {path} was made by a newer version of nas: its format is {version}, this nas reads up to "
                f"{VERSION}, update nas"
            )
        files = found["files"]
        for name, facts in files.items():
            if type(facts["bytes"]) is not int or not isinstance(facts["sha256"], str):
                raise ValueError(f"it says nothing of {name}")
        return found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path} is no archive of nas: its {MANIFEST} cannot be read ({error})") from error


def _unpacked(path: Path, archive: zipfile.ZipFile, manifest: Mapping[str, Any], journal: Path) -> bytes:
    """Checks every file and its checksum, writes the journal, and returns the environment."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise UserError(f"the archive {path} holds {len(infos)} files, it may hold {MOST_FILES}")
    names = [info.filename for info in infos]
    for info in infos:
        _check_entry(path, info)
        if names.count(info.filename) > 1:
            raise UserError(f"the archive {path} holds {info.filename!r} twice")
    listed = {*manifest["files"], MANIFEST}
    for name in sorted({*names, *REQUIRED} ^ listed | set(REQUIRED) - set(names)):
        where = f"lacks {name!r}" if name not in names else f"holds {name!r}, which its {MANIFEST} does not list"
        raise UserError(f"the archive {path} {where}")
    environment = b""
    for info in infos:
        if info.filename == MANIFEST:
            continue
        digest, size, kept = hashlib.sha256(), 0, bytearray()
        with open(journal, "wb") if info.filename == JOURNAL else _Nowhere() as file:
            for block in _blocks(path, archive, info):
                digest.update(block)
                size += len(block)
                file.write(block)
                if info.filename == ENVIRONMENT:
                    kept += block
        facts = manifest["files"][info.filename]
        if (digest.hexdigest(), size) != (facts["sha256"], facts["bytes"]):
            raise UserError(f"{info.filename} of the archive {path} is not what its {MANIFEST} says: it was changed")
        environment = bytes(kept) if info.filename == ENVIRONMENT else environment
    return environment


def _check_entry(path: Path, info: zipfile.ZipInfo) -> None:
    """A plain file, of a name that an archive may have, packed as archives are, and not too large."""
    name, most = info.filename, most_bytes(info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if most is None or info.orig_filename != name:
        raise UserError(f"the archive {path} holds {name[:80]!r}, which no archive of nas has")
    if kind not in (0, stat.S_IFREG):
        raise UserError(f"the archive {path} holds {name!r} as a link or something else that is no plain file")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        raise UserError(f"the archive {path} holds {name!r} encrypted, or packed in a way that no archive of nas is")
    if info.file_size > most:
        raise UserError(f"the archive {path} holds {name!r} of {info.file_size:,} bytes, it may have {most:,}")


def _blocks(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """At most as much as the entry says that it has."""
    left = info.file_size
    with archive.open(info) as file:
        while block := file.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise UserError(f"the archive {path} holds more in {info.filename!r} than it says")
            yield block


def _history(path: Path, journal: Path) -> History:
    try:
        return History.load(journal)
    except RecursionError as error:
        raise UserError(f"the journal of the archive {path} is damaged: a line is nested too deeply") from error


class _Nowhere:
    """Where files go that are only checked."""

    def __enter__(self) -> "_Nowhere":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def write(self, block: bytes) -> None:
        pass
