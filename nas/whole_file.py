"""A file that is written whole or not at all, also on a network file system and by two processes at once."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A name to write to; what lies there when the block ends becomes `path`, unless the block raises.

    The name is this call's own: a process of a dead node may still write beside its successor. The bytes are synced
    before they get their name, so that who finds the file finds all of it, after a power cut too. Close the draft
    within the block.

    Raises:
        OSError: the file system does not take it; nothing is left of the attempt.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        yield draft
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
