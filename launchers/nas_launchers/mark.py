"""What a run's jobs are known by in the cluster's queue, whoever looks: a comment `nas:RUN:LABEL`."""

import hashlib
from pathlib import Path

PREFIX = "nas"
DIGITS = 12


def run_mark(folder: Path) -> str:
    """The mark of a run: a digest of where it lies."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:DIGITS]


def comment(mark: str, label: str, words: str | None = None) -> str:
    """A job's comment.

    Args:
        mark: of the run.
        label: of the job within the run.
        words: the user's own comment, if there is one.
    """
    own = f"{PREFIX}:{mark}:{label}"
    return f"{own} {words}" if words else own


def marked_label(comment: str, mark: str) -> str | None:
    """The label in a comment that a job of this run has; None for any other job."""
    own = comment.split(" ", 1)[0]
    start = f"{PREFIX}:{mark}:"
    return own.removeprefix(start) if own.startswith(start) else None
