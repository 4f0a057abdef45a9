"""The user's own images: how many of each class are in which part, and what was found in the folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.data.findings import DESCRIPTION_FILE, KINDS
from nas.reporting import labels
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table

MOST_BYTES = 20_000_000
MOST_CLASSES = 100
MOST_FINDINGS = 200
_PARTS = {"train": "training", "valid": "validation", "selection": "selection", "test": "test"}


def section(material: Material) -> Section | None:
    found = _read(material.history.path.parent / DESCRIPTION_FILE)
    if found is None:
        return None
    try:
        table, rest = _classes(found)
        findings = [[KINDS[one["kind"]], str(one["name"]), str(one["detail"])] for one in found["findings"]]
        body = render(
            "sections/images.html.j2",
            root=str(found["root"]),
            given=str(found["given"]),
            classes=table,
            more_classes=rest,
            findings=Table(["what", "file", "more"], findings[:MOST_FINDINGS]),
            more_findings=max(0, len(findings) - MOST_FINDINGS),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # the file is damaged; nothing of the search depends on it
    return Section(name="images", title="Images", body=body)


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, Mapping) else None


def _classes(found: Mapping[str, Any]) -> tuple[Table, int]:
    """Images of each class in each part, and how many classes are not shown."""
    names, parts = [str(name) for name in found["classes"]], found["parts"]
    shown = [part for part in _PARTS if any(parts[part])]
    rows = [
        [name, *(labels.count(int(parts[part][place])) for part in shown)]
        for place, name in enumerate(names[:MOST_CLASSES])
    ]
    rows.append(["all", *(labels.count(sum(map(int, parts[part]))) for part in shown)])
    return Table(["class", *(_PARTS[part] for part in shown)], rows), max(0, len(names) - MOST_CLASSES)
