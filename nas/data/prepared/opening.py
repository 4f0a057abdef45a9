"""Finds the prepared set that belongs to a folder of images, and refuses one that does not fit. Torch-free."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nas.data.prepared.kept_listing import KeptListing, folder_times, kept_names
from nas.data.prepared.manifest import MANIFEST_FILE, Manifest
from nas.data.prepared.packed_images import IMAGES_FILE, PackedImages
from nas.data.prepared.shard_images import ShardImages
from nas.errors import UserError

AUTO, NONE = "auto", "none"
LISTED_ANEW = 20_000  # a source of at most so many files is listed when a set is opened, a larger one if it looks changed


def packed_place(packed: str, root: str, image_size: int) -> Path:
    """Where a packed set lies: beside the images, or where `dataset.packed` says."""
    return _beside(root, f"{image_size}px") if packed in (AUTO, NONE) else Path(packed).expanduser()


def shards_place(shards: str, root: str) -> Path:
    """Where shards lie: beside the images, or where `dataset.shards` says."""
    return _beside(root, "shards") if shards in (AUTO, NONE) else Path(shards).expanduser()


def open_packed(folder: Path, name: str, image_size: int, root: str, source: Callable[[], Any]) -> KeptListing:
    """A packed set.

    Args:
        folder: its own.
        name: of the data set.
        image_size: in pixels.
        root: where the images lay; need not be there any more.
        source: lists them.

    Raises:
        UserError: it is missing, damaged, of another data set, size or source.
    """
    manifest = _manifest(folder, "packed", name)
    if manifest.image_size != image_size:
        raise UserError(
            f"{folder} holds images of {manifest.image_size} pixels, dataset.image_size is {image_size}: "
            "dataset.packed=none reads the files"
        )
    _check_source(folder, manifest, root, source)
    return KeptListing(folder, manifest, lambda place, rows: PackedImages(place / IMAGES_FILE, rows))


def open_shards(folder: Path, name: str, root: str, source: Callable[[], Any]) -> KeptListing:
    """Shards; arguments and errors are those of `open_packed`."""
    manifest = _manifest(folder, "shards", name)
    _check_source(folder, manifest, root, source)
    return KeptListing(folder, manifest, ShardImages)


def is_prepared(folder: Path) -> bool:
    """Whether a set has been prepared there to its end."""
    return (folder / MANIFEST_FILE).exists()


def _beside(root: str, suffix: str) -> Path:
    path = Path(root).expanduser()
    return path.with_name(f"{path.name}-{suffix}")


def _manifest(folder: Path, kind: str, name: str) -> Manifest:
    manifest = Manifest.read(folder)
    if (manifest.kind, manifest.dataset) != (kind, name):
        raise UserError(
            f"{folder} was prepared as {manifest.kind} of dataset={manifest.dataset}, not as {kind} of dataset={name}"
        )
    manifest.check_sizes(folder)
    return manifest


def _check_source(folder: Path, manifest: Manifest, root: str, source: Callable[[], Any]) -> None:
    path = Path(root).expanduser()
    if not path.exists():
        return
    recorded = manifest.source
    if recorded["files"] > LISTED_ANEW and folder_times(path, kept_names(folder)) == recorded["folders"]:
        return
    if source().fingerprint != recorded["fingerprint"]:
        raise UserError(
            f"{folder} was prepared from other files than {path} holds now: remove it and prepare it again, or set "
            f"dataset.{manifest.kind}=none to read the files"
        )
