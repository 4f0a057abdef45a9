"""What makes this search this search, and on what it ran."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from nas.reporting import labels
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table
from nas.search.history import History


def section(material: Material) -> Section:
    history = material.history
    last = history.sessions[-1] if history.sessions else {}
    budget = [(name, labels.count(value)) for name, value in (last.get("budget") or {}).items() if value is not None]
    body = render(
        "sections/settings.html.j2",
        settings=yaml.safe_dump(dict(history.identity), sort_keys=False, allow_unicode=True),
        budget=budget,
        versions=_versions(history, last),
        sessions=_sessions(history),
    )
    return Section(name="settings", title="Settings", body=body)


def _versions(history: History, session: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(package, version) of the last session."""
    versions = session.get("versions") or history.header.get("versions") or {}
    rows = [(str(name), str(version)) for name, version in versions.items()]
    commit = session.get("commit") or history.header.get("commit")
    return [*rows, ("commit", str(commit)[:12] + ("+" if str(commit).endswith("+") else ""))] if commit else rows


def _sessions(history: History) -> Table:
    rows = []
    for number, session in enumerate(history.sessions, start=1):
        began = datetime.fromtimestamp(float(session.get("time", 0)), UTC)
        slots = session.get("slots")
        rows.append([str(number), f"{began:%Y-%m-%d %H:%M:%S} UTC", str(session.get("host", "–")), str(slots or "–")])
    return Table(["session", "began", "host", "children at once"], rows)
