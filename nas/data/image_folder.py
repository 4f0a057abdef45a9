"""A folder of image files in ImageNet's layout: train/CLASS/*.jpg and val/CLASS/*.jpg."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import numpy as np

from nas.data.dataset import Dataset, ImageShape
from nas.data.parts import Part, Parts
from nas.data.split import split
from nas.errors import UserError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".pgm", ".tif", ".tiff")


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
    """

    root: str = field(metadata={"identity": False})
    least_crop: float
    central_fraction: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
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
        return len(_listing(self.root).classes)

    @property
    def num_images(self) -> int:
        return len(_listing(self.root).train)

    def fingerprint(self) -> str:
        """A hash of the files' relative paths and sizes."""
        return _listing(self.root).fingerprint

    def _load(self) -> Parts:
        listing = _listing(self.root)
        labels = np.array([label for _, label in listing.train], np.int64)
        train, valid, selection = (
            Part([listing.train[index][0] for index in indices], labels[indices])
            for indices in split(labels, self.sizes, self.split_seed)
        )
        test = Part([path for path, _ in listing.test], np.array([label for _, label in listing.test], np.int64))
        return Parts(train, valid, selection, test, self.mean, self.std)


def class_folders(dataset: ImageFolder) -> tuple[str, ...]:
    """The names of the classes, in the order of their labels."""
    return tuple(_listing(dataset.root).classes)


@dataclass(frozen=True)
class _Listing:
    classes: list[str]
    train: list[tuple[str, int]]  # path and label
    test: list[tuple[str, int]]
    fingerprint: str


@lru_cache(maxsize=2)
def _listing(root: str) -> _Listing:
    folder = Path(root).expanduser()
    classes = _folders(folder / "train")
    if len(classes) < 2:
        raise UserError(f"{folder / 'train'} holds {len(classes)} class folders, there must be at least two")
    unknown = sorted(set(_folders(folder / "val")) - set(classes))
    if unknown:
        raise UserError(f"{folder / 'val'} holds the class {unknown[0]!r}, which {folder / 'train'} does not have")
    digest = sha256()
    parts = {part: _files(folder, part, classes, digest.update) for part in ("train", "val")}
    return _Listing(classes, parts["train"], parts["val"], digest.hexdigest()[:32])


def _folders(path: Path) -> list[str]:
    if not path.is_dir():
        raise UserError(
            f"there is no folder {path}: dataset.root must hold train/CLASS/ and val/CLASS/ with image files"
        )
    return sorted(entry.name for entry in os.scandir(path) if entry.is_dir())


def _files(folder: Path, part: str, classes: list[str], hash_update: Callable[[bytes], None]) -> list[tuple[str, int]]:
    found = []
    for label, name in enumerate(classes):
        path = folder / part / name
        entries = sorted(os.scandir(path), key=lambda entry: entry.name) if path.is_dir() else []
        images = [entry for entry in entries if entry.name.lower().endswith(EXTENSIONS)]
        if not images:
            raise UserError(f"{path} holds no image, allowed endings are {', '.join(EXTENSIONS)}")
        for entry in images:
            hash_update(f"{part}/{name}/{entry.name} {entry.stat().st_size}\n".encode())
            found.append((entry.path, label))
    return found
