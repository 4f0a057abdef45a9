"""Files with the same bytes: none may be on two sides of a split, nor under two classes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from nas.data.findings import Finding
from nas.data.folder_layout import ImageFile

_STRONGER = {"test": 0, "val": 1, "train": 2, None: 3}  # the side that keeps a picture which is on several


def without_leaks(
    files: Sequence[ImageFile], digests: Mapping[str, str], classes: Sequence[str]
) -> tuple[list[ImageFile], list[Finding]]:
    """The files that may be used, in their order, and what was found.

    A picture under several classes is left out everywhere, as nobody knows its class. Of one in several given parts the
    copies in test stay, else those in val. Others that are equal stay, and are to be kept together.

    Args:
        digests: a hash of each file's bytes, by name.
        classes: their names.
    """
    copies: dict[str, list[ImageFile]] = defaultdict(list)
    for file in files:
        copies[digests[file.name]].append(file)
    left_out: set[str] = set()
    findings: list[Finding] = []
    for same in copies.values():
        if len(same) == 1:
            continue
        if len({file.label for file in same}) > 1:
            left_out |= {file.name for file in same}
            findings += [Finding("conflict", file.name, _beside(file, same, classes)) for file in same]
            continue
        kept = min(same, key=lambda file: _STRONGER[file.part])
        weaker = [file for file in same if file.part != kept.part]
        left_out |= {file.name for file in weaker}
        findings += [Finding("leak", file.name, f"as {kept.name}") for file in weaker]
        findings += [
            Finding("duplicate", file.name, f"as {kept.name}")
            for file in same
            if file.part == kept.part and file is not kept
        ]
    return [file for file in files if file.name not in left_out], findings


def _beside(file: ImageFile, same: Sequence[ImageFile], classes: Sequence[str]) -> str:
    other = next(one for one in same if one.label != file.label)
    return f"as {other.name} of class {classes[other.label]}"
