"""Copies image files, byte by byte, into shards that litdata reads. Torch is loaded by litdata, in processes only."""

import json
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from nas.data.image_file import Undecodable, traits
from nas.data.prepared.kept_listing import file_piece
from nas.data.prepared.manifest import Piece
from nas.preparing.draft import Finished

INDEX_FILE = "index.json"  # litdata's name for it


@dataclass(frozen=True, kw_only=True)
class ShardUnit:
    """A stretch of images.

    Attributes:
        number: of the unit.
        folder: of the shards.
        first: number of the first image.
        paths: of the image files.
        shard_mb: largest size of a shard.
    """

    number: int
    folder: Path
    first: int
    paths: tuple[str, ...]
    shard_mb: int

    @property
    def num_files(self) -> int:
        return len(self.paths)

    @property
    def index_file(self) -> str:
        return f"{self.number}.{INDEX_FILE}"


def shard_units(folder: Path, paths: Sequence[str], shard_mb: int, chunk: int) -> list[ShardUnit]:
    """The work, in stretches of `chunk` images, each with shards of its own."""
    return [
        ShardUnit(
            number=number, folder=folder, first=first, paths=tuple(paths[first : first + chunk]), shard_mb=shard_mb
        )
        for number, first in enumerate(range(0, len(paths), chunk))
    ]


def shard(unit: ShardUnit) -> Finished:
    """Writes a unit's shards. A file that cannot be decoded is kept, so that numbers stay, and noted as broken.

    Raises:
        OSError: a file cannot be read, or a shard not be written.
    """
    from litdata.streaming.writer import BinaryWriter

    os.environ["DATA_OPTIMIZER_GLOBAL_RANK"] = str(unit.number)  # the writer's name for its files
    writer = BinaryWriter(str(unit.folder), chunk_bytes=unit.shard_mb * 1_000_000)
    broken = []
    with redirect_stdout(StringIO()):  # it prints what it makes of the first image
        for place, path in enumerate(unit.paths):
            content = Path(path).read_bytes()
            try:
                traits(content)
            except Undecodable as error:
                broken.append((unit.first + place, str(error)))
            writer.add_item(place, content)
        writer.done()
    written = [chunk["filename"] for chunk in _index(unit)["chunks"]]
    for name in [*written, unit.index_file]:
        _sync(unit.folder / name)
    return Finished(unit.number, {name: (file_piece(unit.folder / name),) for name in written}, tuple(broken))


def write_index(folder: Path, units: Sequence[ShardUnit]) -> dict[str, tuple[Piece, ...]]:
    """Joins the indices of all units into the one that litdata looks for.

    Returns:
        Its piece.

    Raises:
        OSError: it cannot be written.
    """
    indices = [_index(unit) for unit in units]
    chunks = [chunk for index in indices for chunk in index["chunks"]]
    path = folder / INDEX_FILE
    path.write_text(json.dumps({"chunks": chunks, "config": indices[0]["config"]}, sort_keys=True))
    _sync(path)
    return {INDEX_FILE: (file_piece(path),)}


def remove_indices(units: Sequence[ShardUnit]) -> None:
    """Those of the units, which the whole one replaces."""
    for unit in units:
        (unit.folder / unit.index_file).unlink(missing_ok=True)


def _index(unit: ShardUnit) -> dict:
    return json.loads((unit.folder / unit.index_file).read_text())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
