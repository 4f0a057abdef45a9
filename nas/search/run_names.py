"""Runs by the names that people type."""

import difflib
from pathlib import Path

from nas.errors import UserError
from nas.search.journal import FILE_NAME
from nas.search.run import run_folder

MOST_NAMES = 5  # in a sentence


def existing_run(run: str, runs_dir: str | Path) -> Path:
    """A run that is there: a name in `runs_dir`, or a path.

    Raises:
        UserError: there is none; the sentence names those that were probably meant.
    """
    try:
        for path in (run_folder(run, runs_dir), Path(run)):
            if path.exists():
                return path
    except OSError as error:
        raise UserError(f"run is {run!r}, which cannot be read: {error.strerror}") from error
    near = difflib.get_close_matches(run, _names(runs_dir), n=1)
    hint = f" (did you mean {near[0]}?)" if near else known_runs(runs_dir)
    raise UserError(f"there is no run {run!r} in {runs_dir}, nor a folder of that name{hint}")


def known_runs(runs_dir: str | Path) -> str:
    """The end of a sentence: which runs there are; empty without any."""
    names = _names(runs_dir)
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"; {runs_dir} has {', '.join(names[:MOST_NAMES])}{more}"


def _names(runs_dir: str | Path) -> list[str]:
    return sorted(path.parent.name for path in Path(runs_dir).glob(f"*/{FILE_NAME}"))
