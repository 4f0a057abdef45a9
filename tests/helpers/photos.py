"""Folders of images as people have them: three classes that differ in colour, and one with twelve defects."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nas.data.image_folder import ImageFolder

CLASSES = ("blue", "green", "red")


def pixels(label: int, number: int, height: int = 24, width: int = 32) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """uint8 `(height, width, 3)` of noise in which one channel is bright; another picture for every number."""
    rng = np.random.default_rng([label, number])
    image = rng.integers(0, 90, (height, width, 3), dtype=np.uint8)
    image[..., 2 - label] += 150
    return image


def content(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def make_photos(root: Path, images: int = 20, part: str = "", start: int = 0) -> Path:
    """Class folders, `images` PNG in each, below `part` where there is one."""
    for label, name in enumerate(CLASSES):
        for number in range(start, start + images):
            data = content(Image.fromarray(pixels(label, number)))
            write(root / part / name / f"{number:03d}.png", data)
    return root


def make_planted(root: Path) -> dict[str, str]:
    """train/ and test/ with twelve defects: name of the file, and words that the output must say of it."""
    make_photos(root, 20, "train")
    make_photos(root, 4, "test", start=100)
    rng = np.random.default_rng(0)
    picture = Image.fromarray(pixels(2, 500))
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = Image.fromarray(rng.integers(0, 65535, (24, 32), dtype=np.uint16))
    twice = content(Image.fromarray(pixels(1, 501)))
    planted = {
        "train/red/truncated.jpg": (content(picture, "JPEG")[:500], "cannot be decoded"),
        "train/red/notes.jpg": (b"remember the milk\n", "cannot be decoded"),
        "train/green/empty.png": (b"", "cannot be decoded"),
        "train/red/phone.jpg": (content(picture, "JPEG", exif=turned), "turned upright"),
        "train/red/print.jpg": (content(picture.convert("CMYK"), "JPEG"), "CMYK"),
        "train/blue/scan.png": (content(deep), "16 bits"),
        "train/red/logo.png": (content(picture.convert("RGBA")), "transparent"),
        "train/green/old.png": (content(picture.convert("L")), "gray"),
        "train/green/again.png": ((root / "test/green/100.png").read_bytes(), "two sides"),
        "train/green/either.png": (twice, "several classes"),
        "train/blue/or.png": (twice, "several classes"),
        "train/blue/.DS_Store": (b"\0\0\0\1Bud1", "hidden"),
        "train/blue/clip.gif": (content(picture, "GIF"), "no image by the ending"),
    }
    for name, (data, _) in planted.items():
        write(root / name, data)
    return {name: words for name, (_, words) in planted.items()}


COMMON: dict[str, Any] = {
    "image_size": 16,
    "fraction": 1.0,
    "num_valid": 0.15,
    "num_selection": 0,
    "num_test": 0.15,
    "split_seed": 0,
    "flip": True,
    "max_broken": 0.1,
    "least_crop": 0.5,
    "central_fraction": 0.875,
    "mean": (0.5, 0.5, 0.5),
    "std": (0.25, 0.25, 0.25),
}


def folder(root: Path, **fields: Any) -> ImageFolder:
    return ImageFolder(root=str(root), **(COMMON | fields))


def names(dataset: ImageFolder, part: str) -> set[str]:
    return {dataset.listing.files[place].name for place in getattr(dataset.division, part)}


def class_counts(dataset: ImageFolder, part: str) -> list[int]:
    return np.bincount(getattr(dataset.load(), part).labels, minlength=dataset.num_classes).tolist()


def of_kind(dataset: ImageFolder, kind: str) -> list[str]:
    return [finding.name for finding in dataset.listing.findings if finding.kind == kind]


def labels_csv(root: Path, text: str, encoding: str = "utf-8") -> Path:
    write(root / "labels.csv", text.encode(encoding))
    return root


def flat(root: Path, images: int = 10) -> Path:
    """All images in one folder beside a labels.csv."""
    make_photos(root, images)
    rows = ["path,label"]
    for name in CLASSES:
        rows += [f"{name}/{number:03d}.png,{name}" for number in range(images)]
    return labels_csv(root, "\n".join(rows) + "\n")


def fresh() -> None:
    """Forgets what this process knows of folders."""
    from nas.data import folder_listing, image_folder

    folder_listing.list_folder.cache_clear()
    image_folder._listing.cache_clear()
    image_folder._division.cache_clear()
