"""The events of a journal, also of one that is being written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nas.errors import UserError
from nas.search.journal import parse_line, read_header


class JournalReader:
    """Each pass gives the events that were written since the pass before.

    A torn last line is left for the next pass: by then it is whole, or the driver that goes on has cut it off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line_number = 0
        self._offset = 0
        self._last = b""

    def events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line number and event of every complete line after the header that no pass has given.

        Raises:
            UserError: a complete line is damaged (the sentence gives its number), or the journal cannot be read, or it
                is another than the passes before have read.
        """
        if self._line_number == 0 and read_header(self._path) is None:
            return
        try:
            with open(self._path, "rb") as file:
                self._go_on(file)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    self._pass(line)
                    event = parse_line(self._path, self._line_number, line)
                    if not isinstance(event.get("event"), str):
                        raise UserError(f"line {self._line_number} of {self._path} is damaged: it has no event")
                    yield self._line_number, event
        except OSError as error:
            raise UserError(f"the journal {self._path} cannot be read: {error.strerror}") from error

    def _go_on(self, file: BinaryIO) -> None:
        """Finds the place behind the last line that was given, or behind the header."""
        if self._line_number == 0:
            self._pass(file.readline())
            return
        file.seek(self._offset - len(self._last))
        if file.read(len(self._last)) != self._last:
            raise UserError(f"the journal {self._path} is another than the one that was read until now")

    def _pass(self, line: bytes) -> None:
        self._line_number += 1
        self._offset += len(line)
        self._last = line


def read_events(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and event of every complete line after the header. A torn last line is left out.

    Raises:
        UserError: a complete line is damaged; the sentence gives its number.
    """
    return JournalReader(path).events()
