"""With what a search began: every installed distribution, Python, the machine and its CPU, written into the run folder.

The journal has the versions that make the numbers; this is the whole list, from which an environment can be made again.
"""

import functools
import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from nas.cpu import cpu_model
from nas.errors import UserError
from nas.search import provenance
from nas.whole_file import draft_of

FILE_NAME = "environment.json"
FORMAT, VERSION = "nas-environment", 1
BEGAN = "the search began"
WENT_ON = "the search went on"
LATER = "the archive was made"


@functools.cache
def environment() -> dict[str, Any]:
    """This process's software and machine, as plain data. Torch-free, so it names no GPU: see an evaluator's
    provenance."""
    return {
        **provenance.versions(),
        "commit": provenance.commit(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "packages": _packages(),
    }


def environment_facts(moment: str, hardware: Any = None) -> dict[str, Any]:
    """What `environment.json` holds.

    Args:
        moment: what happened when it was taken: `BEGAN`, `WENT_ON` or `LATER`.
        hardware: what children are trained on; a dataclass of plain values, or None.
    """
    settings = asdict(hardware) if is_dataclass(hardware) and not isinstance(hardware, type) else None
    return {
        "format": FORMAT,
        "version": VERSION,
        "moment": moment,
        "hardware": settings,
        "environment": environment(),
    }


def keep_environment(folder: Path, moment: str, hardware: Any) -> None:
    """Writes the file, whole or not at all; one that is there stays.

    Raises:
        UserError: it cannot be written.
    """
    path = folder / FILE_NAME
    if path.exists():
        return
    facts = {**environment_facts(moment, hardware), "time": round(time.time(), 3)}
    try:
        with draft_of(path) as draft:
            draft.write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def parse_environment(content: bytes, name: str) -> dict[str, Any]:
    """What such a file says.

    Raises:
        UserError: it is damaged, or of a newer version.
    """
    try:
        found = json.loads(content)
        if not isinstance(found, Mapping) or found.get("format") != FORMAT:
            raise ValueError("it is none of nas")
        if type(found["version"]) is not int or found["version"] > VERSION:
            raise UserError(f"{name} has version {found['version']!r}, this nas reads up to {VERSION}: update nas")
        if found["moment"] not in (BEGAN, WENT_ON, LATER) or not isinstance(found["environment"], Mapping):
            raise ValueError("it says nothing of its environment")
    except (ValueError, KeyError, RecursionError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"the environment {name} cannot be read: {error}") from error
    return dict(found)


def _packages() -> dict[str, str]:
    """Version by name; of a name that is installed twice the one that is imported."""
    found: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(str(name).lower().replace("_", "-"), distribution.version)
    return dict(sorted(found.items()))
