"""A folder of the user's own image files: a folder for each class, parts with such folders, or a labels.csv."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nas.data.dataset import Dataset, ImageShape
from nas.data.findings import finding_lines, plain_findings
from nas.data.folder_division import Division, divide
from nas.data.folder_listing import Listing, list_folder
from nas.data.image_file import decode
from nas.data.parts import Part, Parts
from nas.data.prepared.kept_listing import KeptListing
from nas.data.prepared.opening import AUTO, NONE, prepared_listing, staged_listing
from nas.data.split import Indices, PartSizes
from nas.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

_PARTS = ("train", "valid", "selection", "test")


@dataclass(frozen=True, kw_only=True)
class ImageFolder(Dataset):
    """Colour images of any size, decoded when they are used. Classes are in the order of their names.

    What the folder itself puts into parts stays there, the others are carved out, see `folder_division.divide`. In
    training an image is cropped at random and resized, in evaluation its centre is taken.

    Attributes:
        root: the folder, see `folder_layout.read_layout`.
        num_test: images held out for the sealed test part where the folder gives none, or a share of them.
        check: looks into every file before a search, leaves out what is broken, equal across parts or under two
            classes, and takes its bytes for the fingerprint. False trusts all files unseen.
        max_broken: largest share of files that may be left out because they cannot be decoded; changes no number.
        cache: folder that keeps what was seen in the files; None looks again in every process. Changes no number.
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
    num_test: int | float = 0
    check: bool = True
    max_broken: float = field(default=0.0, metadata={"identity": False})
    cache: str | None = field(default=None, metadata={"identity": False})
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
        self._check_size("num_test")
        if self.image_size is None:
            raise UserError(
                f"dataset.image_size is null, dataset={self.name} needs a size that its images are resized to"
            )
        for key in ("packed", "shards"):
            if not isinstance(getattr(self, key), str) or not getattr(self, key):
                raise UserError(f"dataset.{key} is {getattr(self, key)!r}, it must be {AUTO}, {NONE} or a path")
        if type(self.check) is not bool:
            raise UserError(f"dataset.check is {self.check!r}, it must be true or false")
        for key, least_is_allowed in (("least_crop", False), ("central_fraction", False), ("max_broken", True)):
            value = getattr(self, key)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= 1 or (value == 0 and not least_is_allowed):
                least = "at least" if least_is_allowed else "above"
                raise UserError(f"dataset.{key} is {value!r}, it must be {least} 0 and at most 1")

    @property
    def image_shape(self) -> ImageShape:
        assert self.image_size is not None
        return (3, self.image_size, self.image_size)

    @property
    def num_classes(self) -> int:
        return len(self.listing.classes)

    @property
    def num_images(self) -> int:
        return len(self.listing.files) - len(self.division.test)

    @property
    def sizes(self) -> PartSizes:
        division = self.division
        return PartSizes(len(division.train), len(division.valid), len(division.selection))

    @property
    def listing(self) -> Listing | KeptListing:
        """The usable files, or what was prepared of them; errors are those of `list_folder` and `prepared_listing`."""
        return _listing(self)

    @property
    def prepared(self) -> KeptListing | None:
        """What images are read from, where that is not their files."""
        listing = self.listing
        return listing if isinstance(listing, KeptListing) else None

    @property
    def is_packed(self) -> bool:
        """Whether images come decoded."""
        return self.prepared is not None and self.prepared.manifest.kind == "packed"

    @property
    def shown_fraction(self) -> float:
        """Share of the shorter side that evaluation sees: the packed set's own, where there is one."""
        prepared = self.prepared if self.is_packed else None
        return self.central_fraction if prepared is None else prepared.manifest.resize["central_fraction"]

    def source_listing(self) -> Listing:
        """The usable files; errors are those of `list_folder`."""
        cache = None if self.cache is None else Path(self.cache).expanduser()
        root = Path(self.root).expanduser()
        return list_folder(root, check=self.check, max_broken=self.max_broken, cache=cache)

    @property
    def division(self) -> Division:
        """Which file is in which part; errors are those of `divide`."""
        return _division(self)

    def fingerprint(self) -> str:
        """See `Listing.fingerprint`."""
        return self.listing.fingerprint

    def identity(self) -> dict[str, Any]:
        """As every data set's, and `pixels`, the checksum of the packed set where there is one."""
        prepared = self.prepared if self.is_packed else None
        return super().identity() | ({} if prepared is None else {"pixels": prepared.manifest.checksum})

    def decode(self, path: str | BytesIO) -> Image:
        """A file of the folder, or its bytes, as an upright image in mode RGB.

        Raises:
            Undecodable: see `image_file.decode`.
        """
        return decode(path)

    def notes(self) -> list[str]:
        listing, division = self.listing, self.division
        sizes = ", ".join(f"{part} {len(getattr(division, part)):,}" for part in _PARTS)
        given = f"; {division.given} as the folder gives it" if division.given else ""
        lines = [f"{self.root}: {len(listing.files):,} images, {len(listing.classes):,} classes ({sizes}{given})"]
        if self.prepared is not None:
            lines.append(f"  read from {self.prepared.folder}, {self.prepared.manifest.kind}")
        return [*lines, *(f"  {line}" for line in finding_lines(listing.findings)), *self._missing_classes()]

    def description(self) -> dict[str, Any]:
        listing, division = self.listing, self.division
        return {
            "root": self.root,
            "classes": list(listing.classes),
            "parts": {part: self._class_counts(getattr(division, part)) for part in _PARTS},
            "given": division.given,
            "fingerprint": listing.fingerprint,
            "findings": plain_findings(listing.findings),
        }

    def _class_counts(self, places: Indices) -> list[int]:
        counts = Counter(self.listing.labels[places].tolist())
        return [counts[label] for label in range(self.num_classes)]

    def _missing_classes(self) -> list[str]:
        """Parts that lack classes: metrics that are means over classes leave those out."""
        lines = []
        for part in ("train", "valid", "test"):
            counts = self._class_counts(getattr(self.division, part))
            without = [name for name, count in zip(self.listing.classes, counts, strict=True) if not count]
            if without and sum(counts):
                lines.append(f"  no {part} image of {len(without):,} classes: {', '.join(without[:5])}")
        return lines

    def _load(self) -> Parts:
        listing, division = staged_listing(self.listing, self.stage_to), self.division
        parts = {
            part: Part(listing.images(places), listing.labels[places])
            for part, places in ((part, getattr(division, part)) for part in _PARTS)
        }
        return Parts(**parts, mean=self.mean, std=self.std)

    def _check_size(self, key: str) -> None:
        value = getattr(self, key)
        if type(value) is float and 0 < value < 1:
            return
        if type(value) is not int or value < 0:
            raise UserError(
                f"dataset.{key} is {value!r}, it must be a whole number of images, or a share between 0 and 1"
            )


@lru_cache(maxsize=4)
def _listing(dataset: ImageFolder) -> Listing | KeptListing:
    return prepared_listing(dataset) or dataset.source_listing()


@lru_cache(maxsize=4)
def _division(dataset: ImageFolder) -> Division:
    return divide(
        dataset.listing,
        num_valid=dataset.num_valid,
        num_selection=dataset.num_selection,
        num_test=dataset.num_test,
        fraction=dataset.fraction,
        seed=dataset.split_seed,
    )


def class_folders(dataset: ImageFolder) -> tuple[str, ...]:
    """The names of the classes, in the order of their labels."""
    return dataset.listing.classes
