"""The children's folders in a run: one per attempt, gone when the journal has what they held."""

import shutil
from collections import deque
from pathlib import Path

from nas.errors import UserError
from nas.evaluators.child import CHECKPOINT_FILE, LOG_FILE, SUPERSEDED_FILE, Outcome, read_outcome

FOLDER_NAME = "children"


class Children:
    """Makes and clears `children/000123/attempt-1`.

    Failed children keep their folders, and so do the last `keep` told ones, for their logs; a sealed test result stays.
    """

    def __init__(self, run_folder: Path, keep: int) -> None:
        self.run_folder = run_folder
        self._kept: deque[int] = deque()
        self._keep = keep

    def folder(self, number: int) -> Path:
        return self.run_folder / FOLDER_NAME / f"{number:06d}"

    def new_attempt(self, number: int, after: int) -> tuple[int, Path]:
        """The next attempt's number, beyond `after` and beyond every folder there is, and its fresh folder.

        Earlier attempts are told not to begin any more: one may still wait in a queue where nobody has seen it.

        Raises:
            UserError: the folder cannot be made.
        """
        folder, earlier = self.folder(number), self._attempts(number)
        attempt = max([after, *(number for number, _ in earlier)]) + 1
        path = folder / f"attempt-{attempt}"
        try:
            for _, old in earlier:
                (old / SUPERSEDED_FILE).touch()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.mkdir(mode=0o700)
        except OSError as error:
            raise UserError(f"the folder {path} of a child cannot be made: {error.strerror}") from error
        return attempt, path

    def finished_attempt(self, number: int) -> tuple[int, Outcome] | None:
        """The first attempt that left a result although the journal does not have it yet."""
        for attempt, folder in self._attempts(number):
            outcome = read_outcome(folder)
            if outcome is not None:
                return attempt, outcome
        return None

    def has_checkpoint(self, number: int, attempt: int) -> bool:
        """Whether the attempt has completed an epoch."""
        return (self.folder(number) / f"attempt-{attempt}" / CHECKPOINT_FILE).exists()

    def checkpoint(self, number: int) -> Path | None:
        """The folder of the last attempt that left a checkpoint; those before it lose theirs."""
        found: Path | None = None
        for _, folder in reversed(self._attempts(number)):
            if found is not None:
                (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
            elif (folder / CHECKPOINT_FILE).exists():
                found = folder
        return found

    def log(self, number: int, attempt: int) -> str | None:
        """The attempt's log relative to the run folder, if there is one."""
        path = self.folder(number) / f"attempt-{attempt}" / LOG_FILE
        return str(path.relative_to(self.run_folder)) if path.exists() else None

    def drop_checkpoints(self, number: int) -> None:
        """Removes what only a further attempt at the child would need."""
        for _, folder in self._attempts(number):
            (folder / CHECKPOINT_FILE).unlink(missing_ok=True)

    def told(self, number: int) -> None:
        """The journal has the child's result: clears the folder of the child told `keep` children ago."""
        self._kept.append(number)
        if len(self._kept) > self._keep:
            self._clear(self._kept.popleft())

    def told_before(self, number: int) -> None:
        """An earlier session told the child, and has left the folders of its last `keep` ones."""
        self._kept.append(number)
        if len(self._kept) > self._keep:
            self._kept.popleft()

    def _clear(self, number: int) -> None:
        for _, folder in self._attempts(number):
            shutil.rmtree(folder, ignore_errors=True)
        folder = self.folder(number)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _attempts(self, number: int) -> list[tuple[int, Path]]:
        folders = self.folder(number).glob("attempt-*")
        return sorted((int(path.name.removeprefix("attempt-")), path) for path in folders)
