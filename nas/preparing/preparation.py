"""Prepares a folder of images: what is packed or sharded, where, and whether it is there already. Torch-free."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from nas_launchers.executor import WorkerDied

from nas.data.image_folder import ImageFolder
from nas.data.prepared.kept_listing import folder_times, keep_listing
from nas.data.prepared.manifest import MANIFEST_FILE, Manifest, Piece
from nas.data.prepared.opening import packed_place, shards_place
from nas.data.prepared.packed_images import IMAGES_FILE
from nas.errors import UserError
from nas.preparing.draft import Draft, Finished
from nas.preparing.packing import pack, pack_units, reserve_array
from nas.preparing.sharding import remove_indices, shard, shard_units, write_index
from nas.preparing.units import run_units
from nas.training.hardware import usable_cores

FORMATS = ("packed", "shards")
_LITDATA_NOISE = "ignore::UserWarning:multiprocessing.resource_tracker"  # its semaphores end with their processes
Files = dict[str, tuple[Piece, ...]]


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """
    Attributes:
        dataset: whose images.
        format: "packed" or "shards".
        central_fraction: share of the shorter side that a packed image shows, see `central_crop`.
        chunk: images that are written down as finished together.
        shard_mb: largest size of a shard.
        workers: processes, or "auto".
    """

    dataset: ImageFolder
    format: str
    central_fraction: float
    chunk: int
    shard_mb: int
    workers: int | str

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise UserError(f"format is {self.format!r}, allowed are {', '.join(FORMATS)}")
        fraction = self.central_fraction
        if type(fraction) not in (int, float) or not 0 < fraction <= 1:
            raise UserError(f"central_fraction is {fraction!r}, it must be above 0 and at most 1")
        for key in ("chunk", "shard_mb", *(["workers"] if self.workers != "auto" else [])):
            value = getattr(self, key)
            if type(value) is not int or value < 1:
                more = ", or auto" if key == "workers" else ""
                raise UserError(f"{key} is {value!r}, it must be a whole number of at least 1{more}")

    @property
    def folder(self) -> Path:
        """Where the prepared set lies."""
        dataset = self.dataset
        assert dataset.image_size is not None
        if self.format == "packed":
            return packed_place(dataset.packed, dataset.root, dataset.image_size)
        return shards_place(dataset.shards, dataset.root)

    def prepare(self, say: Callable[[str], None]) -> Manifest:
        """Makes the set, or goes on with it; one that is there is left as it is.

        Args:
            say: is told how far it is.

        Raises:
            UserError: the images cannot be listed, the folder holds another set, another process works on it, or the
                disk is full.
        """
        listing = self.dataset.source_listing()
        names = [file.name for file in listing.files]
        about = {
            "format": self.format,
            "image size": self.dataset.image_size if self.format == "packed" else None,
            "resize rule": self._resize,
            "source": listing.fingerprint,
            "chunk": self.chunk,
            "shard_mb": self.shard_mb if self.format == "shards" else None,
        }
        if (self.folder / MANIFEST_FILE).exists():
            return self._there(about, say)
        if self.folder.exists():
            raise UserError(f"{self.folder} is there and holds no prepared set, {self._elsewhere}")
        say(f"{len(names):,} images of {len(listing.classes):,} classes, to {self.folder}")
        draft = self.draft(about)
        with draft.held() as finished:
            files, broken = self._made(draft, finished, [str(listing.root / name) for name in names], say)
            manifest = Manifest(
                kind=self.format,
                dataset=self.dataset.name,
                image_size=self.dataset.image_size if self.format == "packed" else None,
                resize=self._resize,
                source={
                    "root": str(listing.root),
                    "fingerprint": listing.fingerprint,
                    "files": len(names),
                    "folders": folder_times(listing.root, names),
                },
                classes=tuple(listing.classes),
                files=files | keep_listing(draft.folder, listing),
                broken=tuple((number, names[number], why) for number, why in broken),
                versions={"python": platform.python_version(), "pillow": PIL.__version__, "numpy": np.__version__},
            )
            draft.complete(manifest)
        return manifest

    def draft(self, about: Mapping[str, Any]) -> Draft:
        """Where the set is made."""
        return Draft(self.folder, about)

    def verify(self) -> Manifest:
        """Reads every byte of the set that is there.

        Raises:
            UserError: there is none, it is not what was prepared, or its source has changed.
        """
        manifest = Manifest.read(self.folder)
        manifest.check_content(self.folder)
        root = Path(self.dataset.root).expanduser()
        if root.exists() and self.dataset.source_listing().fingerprint != manifest.source["fingerprint"]:
            raise UserError(
                f"{self.folder} was prepared from other files than {root} holds now: remove it and prepare it again"
            )
        return manifest

    @property
    def _resize(self) -> dict[str, Any]:
        if self.format != "packed":
            return {}
        rule = "the shorter side to image_size / central_fraction, then the central square"
        return {"rule": rule, "central_fraction": float(self.central_fraction), "filter": "bilinear, antialiased"}

    @property
    def _elsewhere(self) -> str:
        return f"remove it, or name another place with dataset.{self.format}=PATH"

    def _there(self, about: dict[str, Any], say: Callable[[str], None]) -> Manifest:
        manifest = Manifest.read(self.folder)
        manifest.check_sizes(self.folder)
        held = {
            "format": manifest.kind,
            "image size": manifest.image_size,
            "resize rule": dict(manifest.resize),
            "source": manifest.source["fingerprint"],
        }
        for key, value in held.items():
            if about[key] != value:
                raise UserError(f"{self.folder} was prepared with another {key}, {self._elsewhere}")
        say(f"{self.folder} is there already; verify=true reads it again")
        return manifest

    def _made(
        self, draft: Draft, finished: Sequence[Finished], paths: list[str], say: Callable[[str], None]
    ) -> tuple[Files, list[tuple[int, str]]]:
        """All files' pieces, and what is broken."""
        packed, size = self.format == "packed", self.dataset.image_size
        assert size is not None
        options: dict[str, Any] = {"workers": self._workers, "say": say}
        if packed:
            header = reserve_array(draft.folder, len(paths), size)
            units: list[Any] = pack_units(
                draft.folder, paths, size, self.central_fraction, self.chunk, self.dataset.decode
            )
        else:
            from nas.data.prepared.shard_images import litdata_version

            litdata_version()
            os.environ.setdefault("PYTHONWARNINGS", _LITDATA_NOISE)
            units = shard_units(draft.folder, paths, self.shard_mb, self.chunk)
        try:
            results = run_units(draft, finished, units, pack if packed else shard, **options)
        except WorkerDied as error:
            raise UserError(
                f"a process that prepared images died ({error}): the same command goes on, workers=N takes fewer"
            ) from error
        broken = [item for result in results for item in result.broken]
        if len(broken) == len(paths):
            raise UserError(f"none of {len(paths):,} images can be decoded, {paths[0]} for example: {broken[0][1]}")
        if packed:
            pieces = [piece for result in results for piece in result.files[IMAGES_FILE]]
            return {IMAGES_FILE: (header, *pieces)}, broken
        files = {name: pieces for result in results for name, pieces in result.files.items()}
        files |= write_index(draft.folder, units)
        remove_indices(units)
        return files, broken

    @property
    def _workers(self) -> int:
        return usable_cores() if self.workers == "auto" else int(self.workers)
