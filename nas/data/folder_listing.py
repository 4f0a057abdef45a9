"""The usable images of a folder: their files, classes, parts and units, and what was found on the way. Torch-free."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nas.data.findings import Finding
from nas.data.folder_check import Checked, check_files
from nas.data.folder_duplicates import without_leaks
from nas.data.folder_layout import ImageFile, Layout, read_layout
from nas.errors import UserError


@dataclass(frozen=True, eq=False)
class Listing:
    """
    Attributes:
        root: the folder.
        classes: names, in the order of their labels.
        files: those that can be used.
        units: int64 `(files,)`; files of equal number must stay on one side of a split: a group, or equal pictures.
        fingerprint: of the files' names, labels, parts, groups and bytes; unchecked, of their names and sizes.
        findings: what was passed over, left out or converted.
    """

    root: Path
    classes: tuple[str, ...]
    files: tuple[ImageFile, ...]
    units: NDArray[np.int64]
    fingerprint: str
    findings: tuple[Finding, ...]

    @property
    def names(self) -> list[str]:
        """Relative paths of the files."""
        return [file.name for file in self.files]

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """int64 `(files,)`."""
        return np.array([file.label for file in self.files], np.int64)

    def of_part(self, part: str | None) -> NDArray[np.int64]:
        """Places of the files that the folder itself puts into a part; None: into none."""
        return np.array([place for place, file in enumerate(self.files) if file.part == part], np.int64)

    def images(self, places: NDArray[np.int64]) -> list[str]:
        """What a `Part` holds for the files at these places."""
        return self.paths(places)

    def paths(self, places: NDArray[np.int64]) -> list[str]:
        """Of the files at these places."""
        prefix = os.path.join(self.root, "")
        return [f"{prefix}{self.files[place].name}" for place in places.tolist()]


@lru_cache(maxsize=4)
def list_folder(root: Path, *, check: bool, max_broken: float, cache: Path | None) -> Listing:
    """
    Args:
        root: the folder.
        check: looks into every file, leaves out what cannot be used, and passes symbolic links over. False trusts all
            files unseen, as befits a published set of a million.
        max_broken: largest share of files that may be left out because they cannot be decoded.
        cache: see `check_files`.

    Raises:
        UserError: the folder is no data set, see `read_layout`, too many files are broken, or a class has none left.
    """
    layout = read_layout(root, follow_links=not check)
    if not check:
        units = np.arange(len(layout.files), dtype=np.int64)
        return Listing(root, layout.classes, tuple(layout.files), units, _of_sizes(root, layout), ())
    checked = dict(
        zip(
            [file.name for file in layout.files],
            check_files(root, [file.name for file in layout.files], cache),
            strict=True,
        )
    )
    broken = [Finding("broken", file.name, checked[file.name].error) for file in layout.files if _error(checked, file)]
    _refuse_too_many(root, broken, len(layout.files), max_broken)
    sound = [file for file in layout.files if not _error(checked, file)]
    digests = {name: found.sha256 for name, found in checked.items()}
    files, equal = without_leaks(sound, digests, layout.classes)
    _refuse_empty(root, layout, files, [*broken, *equal])
    traits = [Finding(trait, file.name) for file in files for trait in checked[file.name].traits]
    return Listing(
        root=root,
        classes=layout.classes,
        files=tuple(files),
        units=_units(files, digests),
        fingerprint=_of_content(files, digests, layout.classes),
        findings=(*broken, *equal, *layout.findings, *traits),
    )


def _error(checked: dict[str, Checked], file: ImageFile) -> str:
    return checked[file.name].error


def _refuse_too_many(root: Path, broken: Sequence[Finding], number: int, max_broken: float) -> None:
    if len(broken) > max_broken * number:
        named = ", ".join(map(str, broken[:3])) + (" ..." if len(broken) > 3 else "")
        raise UserError(
            f"{len(broken)} of {number} images of {root} cannot be decoded, dataset.max_broken={max_broken} allows "
            f"{int(max_broken * number)} to be left out: {named}"
        )


def _refuse_empty(root: Path, layout: Layout, files: Sequence[ImageFile], why: Sequence[Finding]) -> None:
    for part in dict.fromkeys(file.part for file in layout.files):
        had = {file.label for file in layout.files if file.part == part}
        gone = had - {file.label for file in files if file.part == part}
        if gone:
            name = layout.classes[min(gone)]
            names = {file.name for file in layout.files if file.label == min(gone) and file.part == part}
            first = next(finding for finding in why if finding.name in names)
            raise UserError(
                f"the class {name!r} of {root} has no usable image left{f' in {part}' if part else ''}: {first}"
            )


def _units(files: Sequence[ImageFile], digests: dict[str, str]) -> NDArray[np.int64]:
    """Numbers that files share where they share a group or their bytes, in any number of steps."""
    parent = list(range(len(files)))

    def first_of(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    seen: dict[tuple[str, str], int] = {}
    for place, file in enumerate(files):
        keys = [("bytes", digests[file.name])] + ([("group", file.group)] if file.group is not None else [])
        for key in keys:
            one, other = sorted((first_of(place), first_of(seen.setdefault(key, place))))
            parent[other] = one
    return np.array([first_of(place) for place in range(len(files))], np.int64)


def _of_content(files: Sequence[ImageFile], digests: dict[str, str], classes: Sequence[str]) -> str:
    digest = sha256()
    for file in files:
        line = (file.name, classes[file.label], file.part or "", file.group or "", digests[file.name])
        digest.update(("\t".join(line) + "\n").encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def _of_sizes(root: Path, layout: Layout) -> str:
    digest, prefix = sha256(), os.path.join(root, "")
    for file in layout.files:
        digest.update(f"{file.name} {os.stat(prefix + file.name).st_size}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]
