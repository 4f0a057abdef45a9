"""What was found in a folder of images: told once at the start of a search, and kept whole in its run folder."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from nas.data.image_file import TRAITS

SHOWN = 5  # files of a kind that are named on the console; dataset.json names all

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
        shown = f"{self.name} ({self.detail})" if self.detail else self.name
        return shown if shown.isprintable() else ascii(shown)  # no name may steer a terminal


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
    return [asdict(finding) for finding in findings]
