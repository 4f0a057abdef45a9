"""A folder that one driver works in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nas.errors import UserError
from nas.search.lock import DriverLock


@contextmanager
def locked_folder(folder: Path, what: str, refuse: Callable[[], None]) -> Iterator[DriverLock]:
    """Makes the folder or takes it up, and holds its lock; one in which nothing was written is removed again.

    Args:
        folder: made with its parents.
        what: names it in the sentence.
        refuse: raises if the folder is somebody else's; called before anything is made and again under the lock.

    Raises:
        UserError: it was refused, another driver works in it, or it cannot be made.
    """
    refuse()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the {what} {folder} cannot be made: {error.strerror}") from error
    lock = DriverLock(folder)
    try:
        lock.acquire()
        refuse()
        yield lock
    finally:
        lock.release()
        with suppress(OSError):
            folder.rmdir()
