"""An executor whose jobs end as a script says: what a cluster does to children, without the cluster."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas_launchers.executor import Cancelled

Ending = Exception | str | None
HOLDS = "holds"


@dataclass
class ScriptedJob:
    id: str
    label: str
    ending: Ending
    call: Callable[[], Any]
    restarts: int = 0
    ran_s: float = 2.0
    cancelled: bool = False

    def done(self) -> bool:
        return self.cancelled or self.ending != HOLDS

    def result(self) -> Any:
        if self.cancelled:
            raise Cancelled(f"job {self.id} was cancelled")
        if isinstance(self.ending, Exception):
            raise self.ending
        return self.call()

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Scripted:
    """
    Attributes:
        script: for a label "NUMBER:ATTEMPT" the exception of that job, or "holds" for one that does not end; an
            exception under "submit NUMBER:ATTEMPT" is raised once instead of submitting.
        cluster: jobs by id, shared by the executors of one cluster.
    """

    script: dict[str, Ending] = field(default_factory=dict)
    cluster: dict[str, ScriptedJob] = field(default_factory=dict)
    slots: int = 1
    kind: str = "scripted"
    inline: bool = False
    detached: bool = True
    ended: list[str] = field(default_factory=list)
    forgotten: list[tuple[str, bool]] = field(default_factory=list)

    def __call__(self, folder: Path) -> "Scripted":
        return self

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> ScriptedJob:
        refused = self.script.pop(f"submit {label}", None)
        if isinstance(refused, Exception):
            raise refused
        job_id = str(100 + len(self.cluster))
        self.cluster[job_id] = ScriptedJob(job_id, label, self.script.get(label), lambda: fn(*args))
        return self.cluster[job_id]

    def attach(self, job_id: str, label: str = "") -> ScriptedJob:
        return self.cluster[job_id]

    def end_strays(self, known: Sequence[str]) -> None:
        self.ended += [job_id for job_id, job in self.cluster.items() if job_id not in known and not job.done()]

    def forget(self, job: ScriptedJob, keep_logs: bool = False) -> None:
        self.forgotten.append((job.id, keep_logs))

    def wait(self, jobs: Sequence[ScriptedJob], timeout_s: float | None = None) -> None:
        assert any(job.done() for job in jobs), "it would wait for ever"

    def detach(self) -> None:
        pass

    def shutdown(self, cancel: bool = False) -> None:
        pass


def events(run: Path, *names: str) -> list[dict[str, Any]]:
    """The journal's events of these names."""
    lines = (run / "history.jsonl").read_text().splitlines()[1:]
    return [event for event in map(json.loads, lines) if event["event"] in names]
