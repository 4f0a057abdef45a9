"""The weight files of a search: `weights/000123.pt`, for those that may still be inherited from, and for the best.

A child leaves its file in the folder of its attempt; it is moved here before the journal says "told", and deleted once
the journal says that its owner has left the population, is not the best, and nobody in flight inherits from it. So the
disk holds at most population + in flight + 1 of them, whenever the search is cut off: what is left over is swept when
it goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from nas.evaluators.child import WEIGHTS_FILE
from nas.search.children import Children
from nas.search.state import SearchState

FOLDER_NAME = "weights"


class Weights:
    """The files of one search, kept in step with its state."""

    def __init__(self, run_folder: Path, state: SearchState, children: Children) -> None:
        self._folder = run_folder / FOLDER_NAME
        self._state = state
        self._children = children

    def sweep(self) -> None:
        """Deletes what nobody owns, half-written files too."""
        if self._folder.is_dir():
            for path in list(self._folder.iterdir()):
                if not path.stem.isdigit() or path.suffix != ".pt" or not self._is_needed(int(path.stem)):
                    path.unlink()

    def of_parent(self, number: int) -> Path | None:
        """The file that a child in flight inherits from; None for one that inherits nothing."""
        source = self._state.sources.get(number)
        return None if source is None else weight_file(self._folder.parent, source)

    def take_over(self, number: int) -> None:
        """Moves what the child's attempts left to its place; nothing if a child left none, or it is there already."""
        for path in self._children.folder(number).glob(f"attempt-*/{WEIGHTS_FILE}"):
            self._folder.mkdir(exist_ok=True, mode=0o700)
            os.replace(path, weight_file(self._folder.parent, number))

    def discard(self, number: int) -> None:
        """Deletes what the attempts of a child without a result left."""
        for path in self._children.folder(number).glob(f"attempt-*/{WEIGHTS_FILE}*"):
            path.unlink(missing_ok=True)

    def release(self, numbers: Iterable[int]) -> None:
        """Deletes the files of those that are not needed any more."""
        for number in numbers:
            if not self._is_needed(number):
                weight_file(self._folder.parent, number).unlink(missing_ok=True)

    def _is_needed(self, number: int) -> bool:
        state = self._state
        return (
            number in state.alive
            or number in state.in_flight
            or number in state.sources.values()
            or (state.best is not None and state.best.number == number)
        )


def weight_file(run_folder: Path, number: int) -> Path:
    """Where the weights of an individual lie, if they are kept."""
    return run_folder / FOLDER_NAME / f"{number:06d}.pt"
