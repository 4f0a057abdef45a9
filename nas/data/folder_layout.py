"""Which image files a folder holds and what each is called: by class folders, by parts with class folders, or by a
labels.csv. No file is opened but that. Torch-free."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nas.data.findings import Finding
from nas.data.image_file import EXTENSIONS, is_image_name
from nas.errors import UserError

LABELS_FILE = "labels.csv"
PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_JUNK = ("thumbs.db", "desktop.ini", "__macosx")


class ImageFile(NamedTuple):
    """One labelled file.

    Attributes:
        name: its path relative to the root, with forward slashes.
        label: its class's place among the classes.
        part: "train", "val" or "test" where the user has said so, else None.
        group: what must not be divided, a patient for example; None where there is none.
    """

    name: str
    label: int
    part: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Layout:
    """
    Attributes:
        classes: names, in the order of their labels.
        files: in the order of their parts, classes and names, or in that of labels.csv.
        findings: what was passed over.
    """

    classes: tuple[str, ...]
    files: list[ImageFile]
    findings: list[Finding]


def read_layout(root: Path, follow_links: bool = False) -> Layout:
    """
    Args:
        root: the folder.
        follow_links: uses symbolic links as what they lead to; else they are passed over.

    Raises:
        UserError: there is no such folder, there are fewer than two classes, a class is empty, or names differ in case
            alone.
    """
    if not root.is_dir():
        raise UserError(f"there is no folder {root}, dataset.root must be one with images in a folder for each class")
    walk = _Walk(root, follow_links)
    if (root / LABELS_FILE).is_file():
        from nas.data.labels_file import read_labels

        classes, files = read_labels(root)
        walk.findings += _unlisted(walk, {file.name for file in files})
    else:
        classes, files = _by_folders(walk)
    if len(classes) < 2:
        links = [finding.name for finding in walk.findings if finding.kind == "link"]
        passed = f" ({links[0]} is a symbolic link, which is passed over)" if links else ""
        raise UserError(f"{root} holds {_counted(classes)}{passed}, there must be at least two: {_expected(root)}")
    _refuse_equal_but_for_case(root, classes)
    for name in classes:
        if not name.isprintable():
            raise UserError(f"the class {name!a} of {root} has a name that cannot be printed: rename it")
    return Layout(classes, files, walk.findings)


class _Walk:
    """Files of a folder in the order of their names, and what is passed over on the way."""

    def __init__(self, root: Path, follow_links: bool) -> None:
        self.root = root
        self._prefix = os.path.join(root, "")
        self.follow_links = follow_links
        self.findings: list[Finding] = []

    def name(self, path: str) -> str:
        """Relative to the root, by text alone: a million of them are asked for."""
        return path.removeprefix(self._prefix)

    def folders(self, path: Path) -> list[str]:
        """Names of the folders in a folder that should hold nothing else."""
        names = []
        for entry in self._usable(path):
            if entry.is_dir():
                names.append(entry.name)
            elif entry.name != LABELS_FILE:
                self.findings.append(Finding("place" if is_image_name(entry.name) else "ending", self.name(entry.path)))
        return names

    def files(self, path: str | Path) -> Iterator[os.DirEntry[str]]:
        """All below."""
        for entry in self._usable(path):
            if entry.is_dir():
                yield from self.files(entry.path)
            elif entry.is_file():
                yield entry

    def images(self, path: str | Path) -> Iterator[str]:
        """Names of all image files below, relative to the root."""
        for entry in self.files(path):
            if is_image_name(entry.name):
                yield self.name(entry.path)
            else:
                self.findings.append(Finding("ending", self.name(entry.path)))

    def _usable(self, path: str | Path) -> Iterator[os.DirEntry[str]]:
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            raise UserError(f"the folder {path} cannot be read: {error.strerror}") from error
        for entry in entries:
            if _is_junk(entry.name):
                self.findings.append(Finding("junk", self.name(entry.path)))
            elif entry.is_symlink() and not self.follow_links:
                self.findings.append(Finding("link", self.name(entry.path), f"to {os.readlink(entry.path)}"))
            else:
                yield entry


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in _JUNK


def _by_folders(walk: _Walk) -> tuple[tuple[str, ...], list[ImageFile]]:
    names = walk.folders(walk.root)
    given = {PARTS[name.lower()]: walk.root / name for name in names if name.lower() in PARTS}
    parts = {part: path for part, path in sorted(given.items(), key=_order) if _holds_folders(path)}
    if "train" in parts:
        walk.findings += [Finding("place", name) for name in names if walk.root / name not in parts.values()]
        return _by_parts(walk, parts)
    classes = tuple(names)
    _refuse_equal_but_for_case(walk.root, classes)
    return classes, list(_of_classes(walk, walk.root, classes, None))


def _order(given: tuple[str, Path]) -> int:
    return ("train", "val", "test").index(given[0])


def _holds_folders(path: Path) -> bool:
    with os.scandir(path) as entries:
        return any(entry.is_dir() and not _is_junk(entry.name) for entry in entries)


def _by_parts(walk: _Walk, parts: dict[str, Path]) -> tuple[tuple[str, ...], list[ImageFile]]:
    found = {part: walk.folders(path) for part, path in parts.items()}
    classes = tuple(found["train"])
    _refuse_equal_but_for_case(parts["train"], classes)
    for part, names in found.items():
        unknown = sorted(set(names) - set(classes))
        if unknown:
            raise UserError(
                f"{parts[part]} holds the class {unknown[0]!r}, which {parts['train']} does not have, classes are "
                f"{_listed(classes)}"
            )
    files: list[ImageFile] = []
    for part, path in parts.items():
        files += _of_classes(walk, path, classes, part)
    return classes, files


def _of_classes(walk: _Walk, path: Path, classes: tuple[str, ...], part: str | None) -> Iterator[ImageFile]:
    for label, name in enumerate(classes):
        images = list(walk.images(path / name)) if (path / name).is_dir() else []
        if not images:
            raise UserError(
                f"{path / name} holds no image: put some there or remove the class, allowed endings are "
                f"{', '.join(EXTENSIONS)}"
            )
        yield from (ImageFile(image, label, part) for image in images)


def _unlisted(walk: _Walk, listed: set[str]) -> list[Finding]:
    """Files that labels.csv does not name."""
    others = [walk.name(entry.path) for entry in walk.files(walk.root)]
    return [
        Finding("place" if is_image_name(name) else "ending", name, f"not in {LABELS_FILE}")
        for name in others
        if name not in listed and name != LABELS_FILE
    ]


def _refuse_equal_but_for_case(root: Path, classes: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for name in classes:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise UserError(
                f"the classes {other!r} and {name!r} of {root} differ only in case: give them one name, or two "
                "that also differ on a disk that ignores case"
            )


def _counted(classes: tuple[str, ...]) -> str:
    return f"one class, {classes[0]!r}" if classes else "no class"


def _expected(root: Path) -> str:
    return (
        f"{root}/CLASS/*.jpg, {root}/train/CLASS/*.jpg with val/ or test/ beside it, or a {LABELS_FILE} "
        "with the columns path and label"
    )


def _listed(classes: tuple[str, ...], most: int = 10) -> str:
    return ", ".join(classes[:most]) + (f" and {len(classes) - most} more" if len(classes) > most else "")
