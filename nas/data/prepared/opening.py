"""Finds the prepared set that belongs to a folder of images, and refuses one that does not fit. Torch-free."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.prepared.kept_listing import KeptListing, folder_times, kept_names
from nas.data.prepared.manifest import MANIFEST_FILE, Manifest
from nas.data.prepared.packed_images import IMAGES_FILE, PackedImages
from nas.data.prepared.shard_images import ShardImages
from nas.data.prepared.staging import staged
from nas.errors import UserError

AUTO, NONE = "auto", "none"
LISTED_ANEW = 20_000  # so many files are listed when a set is opened; more only where folders have changed


def packed_place(packed: str, root: str, image_size: int) -> Path:
    """Where a packed set lies: beside the images, or where `dataset.packed` says."""
    return _beside(root, f"{image_size}px") if packed in (AUTO, NONE) else Path(packed).expanduser()


def shards_place(shards: str, root: str) -> Path:
    """Where shards lie: beside the images, or where `dataset.shards` says."""
    return _beside(root, "shards") if shards in (AUTO, NONE) else Path(shards).expanduser()


def prepared_listing(dataset: Any) -> KeptListing | None:
    """The packed set or the shards that a data set wants and has; None: its files are read.

    Args:
        dataset: a `nas.data.image_folder.ImageFolder`.

    Raises:
        UserError: a set that was asked for by its path is missing, or one is damaged, of another data set, size or
            source.
    """
    places = {"packed": packed_place(dataset.packed, dataset.root, dataset.image_size)}
    places["shards"] = shards_place(dataset.shards, dataset.root)
    for kind, place in places.items():
        wanted = getattr(dataset, kind)
        if wanted not in (AUTO, NONE) or (wanted == AUTO and (place / MANIFEST_FILE).exists()):
            return _opened(place, kind, dataset)
    return None


def staged_listing(listing: Any, stage_to: str | None) -> Any:
    """The same listing, of a copy on this node if there shall be one; errors are those of `staged`."""
    if stage_to is None or not isinstance(listing, KeptListing):
        return listing
    return listing.at(staged(listing.folder, listing.manifest, Path(stage_to).expanduser()))


def _beside(root: str, suffix: str) -> Path:
    return Path(f"{os.path.abspath(os.path.expanduser(root))}-{suffix}")


def _opened(folder: Path, kind: str, dataset: Any) -> KeptListing:
    manifest = Manifest.read(folder)
    if (manifest.kind, manifest.dataset) != (kind, dataset.name):
        raise UserError(
            f"{folder} was prepared as {manifest.kind} of dataset={manifest.dataset}, not as {kind} of "
            f"dataset={dataset.name}"
        )
    if kind == "packed" and manifest.image_size != dataset.image_size:
        raise UserError(
            f"{folder} holds images of {manifest.image_size} pixels, dataset.image_size is {dataset.image_size}: "
            "dataset.packed=none reads the files"
        )
    manifest.check_sizes(folder)
    _check_source(folder, manifest, dataset)
    return KeptListing(folder, manifest, _IMAGES_AT[kind])


def _packed_images(folder: Path, rows: NDArray[np.int64]) -> PackedImages:
    return PackedImages(folder / IMAGES_FILE, rows)


_IMAGES_AT = {"packed": _packed_images, "shards": ShardImages}


def _check_source(folder: Path, manifest: Manifest, dataset: Any) -> None:
    path = Path(dataset.root).expanduser()
    if not path.exists():
        return
    recorded = manifest.source
    if recorded["files"] > LISTED_ANEW and folder_times(path, kept_names(folder)) == recorded["folders"]:
        return
    if dataset.source_listing().fingerprint != recorded["fingerprint"]:
        raise UserError(
            f"{folder} was prepared from other files than {path} holds now: remove it and prepare it again, or set "
            f"dataset.{manifest.kind}=none to read the files"
        )
