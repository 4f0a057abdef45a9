"""The study file: what a study is, written before its first search, so that nothing is chosen after the results."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.comparison.study import Study
from nas.errors import UserError
from nas.reporting.writing import write_whole
from nas.search import provenance
from nas.search.identity import differences

FILE_NAME = "study.json"
FORMAT, VERSION = "nas-study", 1


def keep_study(folder: Path, study: Study, tuning: Any) -> dict[str, Any]:
    """Writes the study file, or checks that it says the same.

    More seeds than before are taken, and the file says when they were added; everything else is refused.

    Returns:
        What the file says.

    Raises:
        UserError: the folder holds another study, or the file is damaged or cannot be written.
    """
    plain = {"study": study.plain(), "tuning": tuning}
    path = folder / FILE_NAME
    found = read_study_file(folder)
    if found is None:
        made = {
            "format": FORMAT,
            "version": VERSION,
            **plain,
            "written": time.time(),
            "versions": provenance.versions(),
            "commit": provenance.commit(),
            "amended": [],
        }
        return write_plain(path, made)
    there, here = ({**file["study"], "tuning": file["tuning"]} for file in (found, plain))
    earlier = there["seeds"]
    changed = differences({**there, "seeds": 0}, {**here, "seeds": 0})
    if changed or study.seeds < earlier:
        what = "; ".join(changed) or f"seeds ({earlier} there, {study.seeds} here)"
        raise UserError(f"{folder} holds another study, which differs in {what}: choose another out=NAME")
    if study.seeds == earlier:
        return found
    amended = [*found["amended"], {"time": time.time(), "seeds_before": earlier, "seeds": study.seeds}]
    return write_plain(path, {**found, **plain, "amended": amended})


def read_study_file(folder: Path) -> dict[str, Any] | None:
    """What a study's file says; None if there is none.

    Raises:
        UserError: it is damaged or of a newer version.
    """
    path = folder / FILE_NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"the study file {path} cannot be read: {error}") from error
    if not isinstance(found, Mapping) or found.get("format") != FORMAT:
        raise UserError(f"{path} is no study file")
    if found["version"] > VERSION:
        raise UserError(f"{path} has version {found['version']}, this nas reads up to {VERSION}")
    return dict(found)


def write_plain(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Writes a JSON file of a study whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    write_text(path, json.dumps(content, sort_keys=True, allow_nan=False, indent=1))
    return content


def write_text(path: Path, content: str) -> None:
    """Writes a file of a comparison whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.encode())
    except OSError as error:
        raise UserError(f"the file {path} cannot be written: {error.strerror}") from error
