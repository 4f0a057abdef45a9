"""What `python -m nas.prepare` leaves beside its files: where they come from, and hashes of all of them. Torch-free."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from nas.errors import UserError

FORMAT = 1
MANIFEST_FILE = "manifest.json"

Piece = tuple[int, str]  # bytes, and their SHA-256


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """
    Attributes:
        kind: "packed" or "shards".
        dataset: the name of the data set.
        image_size: side of packed images in pixels; None where files are kept as they are.
        resize: the rule by which images got that size, as plain values; empty where they are kept.
        source: `root`, where the images lay, and what is compared to find out whether they are still the same.
        classes: names, in the order of the labels.
        files: each file's pieces, in the order of its bytes.
        broken: files that could not be decoded: number, path relative to the root, and why.
        versions: of what made it; changes nothing.
    """

    kind: str
    dataset: str
    image_size: int | None
    resize: Mapping[str, Any]
    source: Mapping[str, Any]
    classes: tuple[str, ...]
    files: Mapping[str, tuple[Piece, ...]]
    broken: tuple[tuple[int, str, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def checksum(self) -> str:
        """32 hexadecimal digits that depend on the content of every file."""
        text = json.dumps([FORMAT, self.kind, sorted(self.files.items())], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:32]

    @property
    def total_bytes(self) -> int:
        return sum(count for pieces in self.files.values() for count, _ in pieces)

    def plain(self) -> dict[str, Any]:
        return {"format": FORMAT, "checksum": self.checksum, **asdict(self)}

    def check_sizes(self, folder: Path) -> None:
        """Finds files that are missing or have another length, which costs nothing.

        Raises:
            UserError: there is one.
        """
        for name, pieces in self.files.items():
            path, wanted = folder / name, sum(count for count, _ in pieces)
            try:
                found = path.stat().st_size
            except OSError as error:
                raise UserError(f"{path} cannot be read ({error.strerror}): {_again(folder)}") from error
            if found != wanted:
                raise UserError(f"{path} has {found:,} bytes, its manifest says {wanted:,}: {_again(folder)}")

    def check_content(self, folder: Path) -> None:
        """Reads every byte.

        Raises:
            UserError: a file differs from what was prepared.
        """
        self.check_sizes(folder)
        for name in self.files:
            for _ in self.checked_pieces(folder, name):
                pass

    def checked_pieces(self, folder: Path, name: str) -> Iterator[bytes]:
        """A file's pieces, one after the other.

        Raises:
            UserError: a piece differs from what was prepared.
        """
        path = folder / name
        try:
            with path.open("rb") as file:
                for count, digest in self.files[name]:
                    start = file.tell()
                    piece = file.read(count)
                    if sha256(piece).hexdigest() != digest:
                        raise UserError(
                            f"{path} is not what was prepared: its checksum differs in the {count:,} bytes from "
                            f"{start:,} on; {_again(folder)}"
                        )
                    yield piece
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from error

    @classmethod
    def read(cls, folder: Path) -> Self:
        """
        Raises:
            UserError: there is none, it is damaged, or a newer version made it.
        """
        path = folder / MANIFEST_FILE
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain["format"] > FORMAT:
                raise UserError(f"{path} has format {plain['format']}, this version reads up to {FORMAT}")
            checksum = plain["checksum"]
            values = {key: value for key, value in plain.items() if key not in ("format", "checksum")}
            values["files"] = {
                name: tuple((int(count), str(digest)) for count, digest in pieces)
                for name, pieces in values["files"].items()
            }
            values["broken"] = tuple((int(row), str(name), str(why)) for row, name, why in values["broken"])
            manifest = cls(**values | {"classes": tuple(values["classes"])})
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}): python -m nas.prepare makes it") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, UserError):
                raise
            raise UserError(f"{path} is damaged ({error}): {_again(folder)}") from error
        if manifest.checksum != checksum:
            raise UserError(f"{path} has been changed, its checksum does not fit: {_again(folder)}")
        return manifest


def _again(folder: Path) -> str:
    return f"remove {folder} and prepare it again"
