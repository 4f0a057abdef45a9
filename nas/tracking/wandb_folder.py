"""What W&B leaves in `wandb/` of a run folder: the run's id, one folder for each session, copies of artifacts' files.

A session logs the whole journal where it cannot go on from what W&B has. What earlier sessions have left is then
superseded: renamed, so that no `wandb sync` finds it, whatever it is given.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from nas.tracking.wandb_sweep import agents_run_id
from nas.whole_file import draft_of

FOLDER_NAME = "wandb"
ID_FILE = "run-id"
SUPERSEDED = "superseded"
STAGING = "staging"
_SESSION = r"(offline-)?run-\d{8}_\d{6}-"


def run_id(folder: Path) -> str:
    """The id of what is tracked in a folder, the same in every session; an agent's where it started this process.

    Random, because another machine may hold a run of the same name.
    """
    path = folder / FOLDER_NAME / ID_FILE
    known = path.read_text().strip() if path.exists() else None
    wanted = agents_run_id() or known or token_hex(4)
    if wanted != known:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            draft.write_text(wanted)
    return wanted


def supersede(folder: Path, wanted: str) -> None:
    """Takes what sessions have left of a run, so that `wandb sync` does not find it; copies of artifacts are removed.

    Args:
        folder: that `wandb/` is in.
        wanted: the run's id.
    """
    name = re.compile(rf"{_SESSION}{re.escape(wanted)}(-\d+)?")
    found = [path for path in (folder / FOLDER_NAME).glob("*run-*") if name.fullmatch(path.name)]
    for path in found:
        shutil.rmtree(path / STAGING, ignore_errors=True)
        for log in path.glob("*.wandb"):
            log.rename(log.with_name(f"{log.name}.{SUPERSEDED}"))
        path.rename(_free(path.with_name(f"{SUPERSEDED}-{path.name}")))


@contextmanager
def staged_in(run: Any) -> Iterator[None]:
    """Copies of artifacts' files go to the session's own folder, not to the user's: `wandb sync` takes them there."""
    before = os.environ.get("WANDB_DATA_DIR")
    os.environ["WANDB_DATA_DIR"] = str(Path(run.dir).parent / STAGING)
    try:
        yield
    finally:
        if before is None:
            del os.environ["WANDB_DATA_DIR"]
        else:
            os.environ["WANDB_DATA_DIR"] = before


def _free(path: Path) -> Path:
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free
