"""A folder of image files in ImageNet's layout: train/CLASS/*.jpg and val/CLASS/*.jpg."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeGuard

import numpy as np
from PIL.Image import Image

from nas.data.dataset import Dataset, ImageShape
from nas.data.image_file import decode
from nas.data.folder_listing import Listing, list_folder
from nas.data.parts import Part, Parts
from nas.data.prepared.kept_listing import KeptListing
from nas.data.prepared.opening import AUTO, NONE, is_prepared, open_packed, open_shards, packed_place, shards_place
from nas.data.prepared.staging import staged
from nas.data.split import split
from nas.errors import UserError


@dataclass(frozen=True, kw_only=True)
class ImageFolder(Dataset):
    """Colour images of any size, decoded when they are used. Classes are the folders of train/, in sorted order.

    train/ is divided into training, validation and selection; val/ is the sealed test part. In training an image is
    cropped at random and resized, in evaluation its centre is taken.

    Attributes:
        root: the folder that holds train/ and val/.
        least_crop: smallest share of an image's area that a random crop shows.
        central_fraction: share of the shorter side that the central crop shows in evaluation.
        mean: of red, green and blue, for images scaled to 0-1.
        std: likewise.
        packed: images that `nas.prepare` has decoded to this size: "auto" uses them where they lie beside the root,
            "none" never, a path names their folder. Their pixels are part of the identity.
        shards: whole files that `nas.prepare` has joined, likewise; they change no number.
        stage_to: a folder on each node's own disk, which a prepared set is copied to before it is read.
    """

    root: str = field(metadata={"identity": False})
    least_crop: float
    central_fraction: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    packed: str = field(default=AUTO, metadata={"identity": False})
    shards: str = field(default=NONE, metadata={"identity": False})
    stage_to: str | None = field(default=None, metadata={"identity": False})
    name: ClassVar[str] = "image_folder"

    def __post_init__(self) -> None:
        for key in ("mean", "std"):
            object.__setattr__(self, key, tuple(getattr(self, key)))
            if len(getattr(self, key)) != 3:
                raise UserError(f"dataset.{key} is {list(getattr(self, key))}, it must hold three numbers")
        super().__post_init__()
        if self.image_size is None:
            raise UserError(
                f"dataset.image_size is null, dataset={self.name} needs a size that its images are resized to"
            )
        for key in ("least_crop", "central_fraction"):
            value = getattr(self, key)
            if not 0 < value <= 1:
                raise UserError(f"dataset.{key} is {value!r}, it must be above 0 and at most 1")

    @property
    def image_shape(self) -> ImageShape:
        assert self.image_size is not None
        return (3, self.image_size, self.image_size)

    @property
    def num_classes(self) -> int:
        return len(self.listing.classes)

    @property
    def num_images(self) -> int:
        return len(self.listing.of_part("train"))

    @property
    def listing(self) -> Listing | KeptListing:
        """Which images there are, as the files say it, or what was prepared of them.

        Raises:
            UserError: they are missing, or the prepared set does not fit.
        """
        return _listing(self)

    @property
    def is_packed(self) -> bool:
        """Whether images come decoded, from a packed set."""
        return _is_packed(self.listing)

    @property
    def shown_fraction(self) -> float:
        """Share of the shorter side that evaluation sees."""
        listing = self.listing
        return listing.manifest.resize["central_fraction"] if _is_packed(listing) else self.central_fraction

    def source_listing(self) -> Listing:
        """Which image files there are.

        Raises:
            UserError: the folder is no data set.
        """
        return list_folder(Path(self.root).expanduser(), check=False, max_broken=0.0, cache=None)

    def decode(self, path: str) -> Image:
        return decode(path)

    def fingerprint(self) -> str:
        """A hash of the files' relative paths and sizes."""
        return self.listing.fingerprint

    def identity(self) -> dict[str, Any]:
        """As every data set's, and `pixels`, a hash of the packed set where there is one."""
        listing = self.listing
        return super().identity() | ({"pixels": listing.manifest.checksum} if _is_packed(listing) else {})

    def _load(self) -> Parts:
        listing = _staged(self)
        official, test = listing.of_part("train"), listing.of_part("val")
        labels = listing.labels
        train, valid, selection = (
            official[indices] for indices in split(labels[official], self.sizes, self.split_seed)
        )
        parts = [Part(listing.images(places), labels[places]) for places in (train, valid, selection, test)]
        return Parts(*parts, mean=self.mean, std=self.std)


def class_folders(dataset: ImageFolder) -> tuple[str, ...]:
    """The names of the classes, in the order of their labels."""
    return tuple(dataset.listing.classes)


def _is_packed(listing: Listing | KeptListing) -> TypeGuard[KeptListing]:
    return isinstance(listing, KeptListing) and listing.manifest.kind == "packed"


@lru_cache(maxsize=4)
def _listing(dataset: ImageFolder) -> Listing | KeptListing:
    assert dataset.image_size is not None
    packed = packed_place(dataset.packed, dataset.root, dataset.image_size)
    if dataset.packed not in (AUTO, NONE) or (dataset.packed == AUTO and is_prepared(packed)):
        return open_packed(packed, dataset.name, dataset.image_size, dataset.root, dataset.source_listing)
    shards = shards_place(dataset.shards, dataset.root)
    if dataset.shards not in (AUTO, NONE) or (dataset.shards == AUTO and is_prepared(shards)):
        return open_shards(shards, dataset.name, dataset.root, dataset.source_listing)
    return dataset.source_listing()


def _staged(dataset: ImageFolder) -> Listing | KeptListing:
    """The listing, of the copy on this node if there shall be one."""
    listing = dataset.listing
    if dataset.stage_to is None or not isinstance(listing, KeptListing):
        return listing
    copy = staged(listing.folder, listing.manifest, Path(dataset.stage_to).expanduser())
    return listing.at(copy)
