"""What was found in a folder of images: told once at the start of a search, and kept whole in its run folder."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

DESCRIPTION_FILE = "dataset.json"  # in a run folder
SHOWN = 5  # files of a kind that are named on the console; dataset.json names all

TRAITS = {  # of files that are used
    "turned": "turned upright as their EXIF data says",
    "cmyk": "converted from CMYK",
    "alpha": "transparent, laid over white",
    "16-bit": "scaled from 16 bits to 8",
    "gray": "gray, used as colour",
    "palette": "converted from a palette",
}
KINDS = {
    "broken": "cannot be decoded, left out",
    "conflict": "the same picture in several classes, left out",
    "leak": "the same picture on two sides of the split, left out of the side that is trained on",
    "duplicate": "the same picture several times, kept on one side of the split",
    "ending": "no image by the ending of its name, passed over",
    "junk": "hidden or made by a file manager, passed over",
    "link": "a symbolic link, passed over",
    "place": "in no class, passed over",
    **TRAITS,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Attributes:
        kind: of `KINDS`.
        name: of the file or folder, relative to the root.
        detail: what else is known, in a few words.
    """

    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        name, detail = printable(self.name), printable(self.detail)
        return f"{name} ({detail})" if detail else name


def printable(text: str) -> str:
    """The text, or its escaped form where it would steer a terminal or is not text at all."""
    return text if text.isprintable() else ascii(text)


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """A line for each kind, with its number and the first names."""
    by_kind: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
    for finding in findings:
        by_kind[finding.kind].append(finding)
    lines = []
    for kind, found in by_kind.items():
        if found:
            names = ", ".join(map(str, found[:SHOWN]))
            more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
            lines.append(f"{len(found):,} {KINDS[kind]}: {names}{more}")
    return lines


def plain_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """As JSON data."""
    return [{key: printable(value) for key, value in asdict(finding).items()} for finding in findings]
