"""Journals written line by line in the documented format, at the times that a test chooses."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nas.search.history import History
from nas.search.journal import FILE_NAME

IDENTITY = {
    "search_space": {"name": "bits", "num_bits": 8},
    "algorithm": {"name": "aging", "population_size": 20, "sample_size": 5},
    "evaluator": {"name": "train", "fitness": "valid_accuracy", "dataset": {"name": "cifar10"}},
    "seed": 0,
}
BEGAN = 1_800_000_000.0  # UTC seconds of the first session


class Timeline:
    """A journal whose clock stands where the test puts it.

    Attributes:
        folder: the run folder.
        gap_s: seconds of the wall clock that the search's own clock has left out so far, between sessions.
    """

    def __init__(self, folder: Path, identity: dict[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.gap_s = folder, 0.0
        header = {"format": "nas-history", "version": 1, "identity": IDENTITY if identity is None else identity}
        self._path = folder / FILE_NAME
        self._path.write_text(json.dumps({**header, "versions": {"nas": "0"}, "commit": None}) + "\n")

    def event(self, kind: str, at: float, **fields: Any) -> None:
        """Any event at so many seconds of the search's clock."""
        line = {"event": kind, "elapsed_s": at, "time": BEGAN + self.gap_s + at, **fields}
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def opened(self, at: float, slots: int | None, **fields: Any) -> None:
        budget = {"evaluations": 100, "hours": None}
        command = ["/opt/nas/evolve.py", "experiment=demo"]
        told = {"versions": {"nas": "0"}, "commit": "0123456789abcdef", "host": "here", "pid": 1}
        self.event("opened", at, **{**told, "budget": budget, "command": command, "slots": slots, **fields})

    def asked(self, number: int, at: float, genome: Any = None, parents: Sequence[int] = (), **fields: Any) -> None:
        mutation = {"name": "bit", "details": {}} if parents else None
        own = f"{number % 256:08b}" if genome is None else genome
        self.event(
            "asked",
            at,
            number=number,
            genome=own,
            seed=number,
            parents=parents,
            mutation=mutation,
            removed=[],
            **fields,
        )

    def told(self, number: int, at: float, fitness: float = 0.5, metrics: Any = None, **fields: Any) -> None:
        metrics = {"valid_accuracy": fitness, **(metrics or {})}
        self.event("told", at, number=number, attempt=1, fitness=fitness, metrics=metrics, removed=[], **fields)

    def failed(self, number: int, at: float, reason: str = "ValueError: no", **fields: Any) -> None:
        self.event("failed", at, number=number, attempt=1, reason=reason, log=None, **fields)

    def closed(self, at: float, reason: str = "budget") -> None:
        self.event("closed", at, reason=reason)

    def history(self) -> History:
        return History.load(self.folder)
