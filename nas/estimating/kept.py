"""Estimates that are kept: of dry runs, beside runs, for the next start; of a search, in its folder, for its report.

Both are no part of the science: a file that is lost or damaged changes nothing but what is known.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.estimating.estimate import Estimate
from nas.evaluators.child import write_json

FOLDER_NAME = ".estimates"  # in runs_dir
FILE_NAME = "estimate.json"  # in a run folder
FORMAT, VERSION = "nas-estimate", 1


@dataclass(frozen=True)
class Known:
    """What a run folder says.

    Attributes:
        estimates: of its sessions, the first one's first; a further one where the budget was changed.
        consented: the budget that somebody agreed to; None if nobody was asked.
    """

    estimates: tuple[Estimate, ...] = ()
    consented: Mapping[str, float | None] | None = None


def keep_dry_run(runs_dir: Path, key: str, estimate: Estimate) -> None:
    """
    Args:
        key: of the search and where it runs, see `Plan.key`.

    Raises:
        UserError: it cannot be written.
    """
    path = runs_dir / FOLDER_NAME / f"{key}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {"format": FORMAT, "version": VERSION, "estimate": estimate.plain()})
    except OSError as error:
        raise UserError(f"the estimate {path} cannot be kept: {error.strerror}") from error


def has_dry_runs(runs_dir: Path) -> bool:
    """Whether anybody made one for the runs of this folder."""
    return (runs_dir / FOLDER_NAME).exists()


def kept_dry_run(runs_dir: Path, key: str) -> Estimate | None:
    """The last one; None where there is none, or one that is of no use."""
    try:
        return Estimate.read(_read(runs_dir / FOLDER_NAME / f"{key}.json")["estimate"])
    except (OSError, ValueError, KeyError):
        return None


def known(run_folder: Path) -> Known:
    """What a run folder's file says; nothing where there is none, or one that is of no use."""
    try:
        found = _read(run_folder / FILE_NAME)
        consented = found["consented"]
        if consented is not None and not isinstance(consented, dict):
            return Known()
        return Known(tuple(Estimate.read(one) for one in found["estimates"]), consented)
    except (OSError, ValueError, KeyError, TypeError):
        return Known()


def keep_known(run_folder: Path, what: Known) -> None:
    """
    Raises:
        UserError: it cannot be written.
    """
    path = run_folder / FILE_NAME
    plain = {"estimates": [one.plain() for one in what.estimates], "consented": what.consented}
    try:
        write_json(path, {"format": FORMAT, "version": VERSION, **plain})
    except OSError as error:
        raise UserError(f"the estimate {path} cannot be kept: {error.strerror}") from error


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or (found.get("format"), found.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"{path} is no estimate of this version of nas")
    return found
