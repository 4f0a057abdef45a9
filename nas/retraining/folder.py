"""The folder of one retraining: never a search's, and never another retraining's."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.evaluators.child import write_json
from nas.retraining_files import RETRAINING_FILE, RETRAINING_FORMAT, RETRAINING_VERSION
from nas.search import provenance
from nas.search.identity import differences
from nas.search.journal import FILE_NAME as JOURNAL
from nas.search.lock import FILE_NAME as LOCK
from nas.search.lock import DriverLock
from nas.search.locked_folder import locked_folder


@contextmanager
def opened_folder(folder: Path, identity: Mapping[str, Any]) -> Iterator[DriverLock]:
    """Makes the folder or takes it up, locked.

    Raises:
        UserError: it belongs to a search, to another retraining or to something else, another driver works in it, or it
            cannot be made.
    """
    with locked_folder(folder, "folder of the retraining", lambda: _refuse(folder, identity)) as lock:
        if not (folder / RETRAINING_FILE).exists():
            versions, commit = provenance.versions(), provenance.commit()
            header = {"format": RETRAINING_FORMAT, "version": RETRAINING_VERSION, "identity": identity}
            write_json(folder / RETRAINING_FILE, {**header, "versions": versions, "commit": commit})
        yield lock


def _refuse(folder: Path, identity: Mapping[str, Any]) -> None:
    for place in (folder.absolute(), *folder.absolute().parents):
        if (place / JOURNAL).exists():
            raise UserError(
                f"{folder} lies in the run folder {place}: a retraining needs a folder of its own, out=NAME"
            )
    header = read_retraining(folder)
    if header is None:
        if folder.is_dir() and any(not entry.name.startswith(LOCK) for entry in folder.iterdir()):
            raise UserError(f"{folder} holds files that are no retraining's: choose another out=NAME")
        return
    if header["identity"] != identity:
        keys = "; ".join(differences(header["identity"], identity))
        raise UserError(f"{folder} holds another retraining, which differs in {keys}: choose another out=NAME")


def read_retraining(folder: Path) -> dict[str, Any] | None:
    """What the folder is a retraining of; None if it is none.

    Raises:
        UserError: the file is damaged, or of a newer version.
    """
    path = folder / RETRAINING_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error
    if not isinstance(data, dict) or (data.get("format"), data.get("version")) != (
        RETRAINING_FORMAT,
        RETRAINING_VERSION,
    ):
        raise UserError(f"{path} is no retraining of this version of nas")
    return data
