"""The evaluator of the SLURM tests: a child that sleeps, keeps a diary outside the run folder, and may misbehave."""

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from nas.evaluators.base import Evaluator, Metrics, Task
from nas.search_spaces.base import SearchSpace

BEAT_S = 0.25
CHECKPOINT = "last.ckpt"
NOT_SCIENCE: Any = {"identity": False}


def metrics_of(genome: Sequence[int], seed: int) -> Metrics:
    """What a child of this genome and seed is worth, wherever and however often it was tried."""
    return {"valid_accuracy": round(sum(genome) / len(genome) + Random(seed).uniform(-0.01, 0.01), 9)}


class Diary:
    """One line per event and a beat while the process lives, each by one write to a file opened for appending."""

    def __init__(self, path: str, task: Task) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        environment = os.environ
        self._who = {
            "number": task.number,
            "attempt": task.attempt,
            "restart": int(environment.get("SLURM_RESTART_COUNT", "0")),
            "job": environment.get("SLURM_JOB_ID"),
            "node": environment.get("SLURMD_NODENAME"),
            "gpu": environment.get("CUDA_VISIBLE_DEVICES"),
            "pid": os.getpid(),
        }
        self.write("start")
        threading.Thread(target=self._beat, daemon=True).start()

    def write(self, event: str, **more: Any) -> None:
        line = json.dumps({"event": event, "time": time.time(), **self._who, **more}) + "\n"
        os.write(self._fd, line.encode())

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_S)
            self.write("beat")


@dataclass(frozen=True, kw_only=True)
class Chaos(Evaluator):
    """See conf/evaluator/chaos.yaml, where every field is explained."""

    space: SearchSpace
    diary: str = field(metadata=NOT_SCIENCE)
    gate: str | None = field(metadata=NOT_SCIENCE)
    mean_s: float = field(metadata=NOT_SCIENCE)
    epochs: int = field(metadata=NOT_SCIENCE)
    epoch_s: float = field(metadata=NOT_SCIENCE)
    stalls: int | None = field(metadata=NOT_SCIENCE)
    held: Sequence[int] = field(metadata=NOT_SCIENCE)
    holding: Sequence[int] = field(metadata=NOT_SCIENCE)
    exits: Sequence[int] = field(metadata=NOT_SCIENCE)
    exits_once: Sequence[int] = field(metadata=NOT_SCIENCE)
    raises: Sequence[int] = field(metadata=NOT_SCIENCE)
    sleeps: Sequence[int] = field(metadata=NOT_SCIENCE)
    eats: Sequence[int] = field(metadata=NOT_SCIENCE)
    trains: Sequence[int] = field(metadata=NOT_SCIENCE)
    fragile: bool = field(metadata=NOT_SCIENCE)
    name: ClassVar[str] = "chaos"
    writes_files: ClassVar[bool] = True

    def __getstate__(self) -> dict[str, Any]:
        if self.fragile:
            raise TypeError("cannot pickle this evaluator, as a test wants it")
        return self.__dict__

    def evaluate(self, task: Task) -> Metrics:
        diary = Diary(self.diary, task)
        self._misbehave(task)
        if task.number in self.trains:
            self._train(task, diary)
        time.sleep(self.mean_s * Random(task.seed).uniform(0.5, 1.5))
        diary.write("end")
        return metrics_of(task.genome, task.seed)

    def _misbehave(self, task: Task) -> None:
        number, first = task.number, task.attempt == 1 and os.environ.get("SLURM_RESTART_COUNT", "0") == "0"
        while (number in self.holding or (number in self.held and first)) and not Path(str(self.gate)).exists():
            time.sleep(0.1)
        if number in self.exits or (number in self.exits_once and first):
            os._exit(7)
        if number in self.raises:
            raise ValueError(f"child {number} does not like its genome")
        if number in self.sleeps:
            time.sleep(3600)
        if number in self.eats:
            eaten = b"x" * (3 << 30)
            time.sleep(3600 + len(eaten) % 2)

    def _train(self, task: Task, diary: Diary) -> None:
        """Epochs; each ends with a checkpoint that says how many there were."""
        assert task.folder is not None
        own, earlier = task.folder / CHECKPOINT, getattr(task, "resume_from", None)
        done = 0
        for path in (own, *([earlier / CHECKPOINT] if earlier else [])):
            if path.exists():
                done = int(path.read_text())
                break
        for epoch in range(done + 1, self.epochs + 1):
            time.sleep(self.epoch_s)
            draft = own.with_suffix(f".{os.getpid()}")
            draft.write_text(str(epoch))
            draft.replace(own)
            diary.write("epoch", epoch=epoch)
            if epoch == self.stalls and not done:
                time.sleep(3600)
