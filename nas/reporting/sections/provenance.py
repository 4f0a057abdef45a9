"""Provenance: what makes this search this search, on what it ran, and how to go on with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from nas.reporting import labels
from nas.reporting.facts import typed_command
from nas.reporting.figures.places import Places, places
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table
from nas.search.history import History
from nas.search.identity import differences

CONFIG = "config.yaml"
MOST_BYTES = 200_000  # of the configuration
MOST_SESSIONS = 100
COMMIT = 12  # characters


def section(material: Material) -> Section:
    history = material.history
    last = history.sessions[-1] if history.sessions else {}
    budget = [(str(name), _bound(value)) for name, value in _mapping(last.get("budget")).items() if value is not None]
    found = places(material)
    body = render(
        "sections/provenance.html.j2",
        identity=yaml.safe_dump(dict(history.identity), sort_keys=False, allow_unicode=True),
        config=_config(history.path.parent / CONFIG),
        command=typed_command(last.get("command")),
        run=_run(history),
        budget=budget,
        versions=_versions(history, last),
        others=_other_versions(history, last),
        places=_places(found),
        silent=found.silent,
        sessions=_sessions(history),
        more_sessions=max(0, len(history.sessions) - MOST_SESSIONS),
    )
    return Section(name="provenance", title="Provenance", body=body)


def _config(path: Path) -> str | None:
    """The configuration as text: it is read by nobody here. None where there is none."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    text = content[:MOST_BYTES].decode(errors="replace")
    return text if len(content) <= MOST_BYTES else f"{text}\n… more than {MOST_BYTES:,} bytes"


def _run(history: History) -> list[tuple[str, str]]:
    journal = history.path.absolute()
    size = labels.quantity(journal.stat().st_size)
    return [
        ("folder", str(journal.parent)),
        ("journal", f"{journal.name}, {size}{'B' if size[-1].isalpha() else ' bytes'}"),
        ("events", labels.count(history.events)),
        ("format", str(history.header.get("version", "unknown"))),
    ]


def _versions(history: History, session: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(package, version) of the last session."""
    versions = _mapping(session.get("versions") or history.header.get("versions"))
    others = _mapping(session.get("plugins") or history.header.get("plugins"))
    rows = [(str(name), str(version)) for name, version in versions.items()]
    rows += [(f"{name} (plug-in)", str(version)) for name, version in others.items()]
    commit = session.get("commit") or history.header.get("commit")
    return [*rows, ("commit", _commit(commit))] if commit else rows


def _other_versions(history: History, last: Mapping[str, Any]) -> list[str]:
    """What differed in earlier sessions, one phrase each."""
    here = _all_versions(last)
    found = (differences(_all_versions(session), here) for session in history.sessions)
    return list(dict.fromkeys(phrase for phrases in found for phrase in phrases))


def _all_versions(session: Mapping[str, Any]) -> dict[str, Any]:
    return {**_mapping(session.get("versions")), **_mapping(session.get("plugins"))}


def _commit(commit: Any) -> str:
    return str(commit)[:COMMIT] + ("+" if str(commit).endswith("+") and len(str(commit)) > COMMIT else "")


def _places(found: Places) -> Table | None:
    if not found.rows:
        return None
    rows = [[*values, labels.count(many)] for values, many in found.rows]
    if found.others:
        rows.append(["others", *[""] * (len(found.names) - 1), labels.count(found.others)])
    return Table([*found.names, "children"], rows)


def _sessions(history: History) -> Table:
    rows = []
    for number, session in list(enumerate(history.sessions, start=1))[-MOST_SESSIONS:]:
        bound = _mapping(session.get("budget")).get("evaluations")
        rows.append(
            [
                str(number),
                _moment(session.get("time")),
                str(session.get("host", "–")),
                str(session.get("slots") or "–"),
                "–" if bound is None else _bound(bound),
                _commit(session.get("commit") or "–"),
            ]
        )
    return Table(["session", "began", "host", "children at once", "evaluations", "commit"], rows)


def _bound(value: Any) -> str:
    """Of a budget: hours may be fractions."""
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)


def _moment(time: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(float(time), UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (TypeError, ValueError, OverflowError, OSError):
        return "–"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
