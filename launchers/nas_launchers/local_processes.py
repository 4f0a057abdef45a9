"""submitit's local jobs: controller processes of this machine, one per job, that go on when their driver has died."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from nas_launchers.mark import comment
from nas_launchers.states import GONE, Seen

MODULE = "submitit.local._local"


class LocalProcesses:
    """The controllers that work in one folder.

    Args:
        folder: where submitit's files are, which every controller has on its command line.
        mark: of the run, see `nas_launchers.mark`; a controller has no label of its own.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        self._folder = str(folder)
        self._comment = comment(mark, "")
        self._own: dict[str, Any] = {}

    def queue(self) -> dict[str, Seen]:
        """Every controller of the folder, and those that this driver has started and that have ended."""
        seen: dict[str, Seen] = {}
        for job_id, handle in self._own.items():
            state = handle.get_info()["jobState"]  # collects the exit code, so that no zombie stays
            seen[job_id] = Seen(state, comment=self._comment)
        for process in psutil.process_iter():
            if str(process.pid) not in seen and self._is_controller(process) and not self._has_shell(process):
                seen[str(process.pid)] = Seen("RUNNING", comment=self._comment)
        return seen

    def ended(self, ids: Sequence[str]) -> dict[str, Seen]:
        """Nobody keeps a record of processes."""
        return dict.fromkeys(ids, Seen(GONE))

    def end(self, ids: Iterable[str], wait: bool = True) -> None:
        processes: list[psutil.Process] = []
        for job_id in ids:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(job_id))
                if self._is_controller(process):
                    processes += _tree(process)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if wait:
            psutil.wait_procs(processes, timeout=5.0)
        for job_id in ids:
            if job_id in self._own:
                self._own.pop(job_id).get_info()

    def started(self, handle: Any) -> None:
        self._own[handle.job_id] = handle

    def forget(self, job_id: str) -> None:
        """Nobody asks for the job any more."""
        self._own.pop(job_id, None)

    def _has_shell(self, process: psutil.Process) -> bool:
        """With setup lines, the job is the shell that runs them and then the controller."""
        try:
            parent = process.parent()
        except psutil.Error:
            return False
        return parent is not None and self._is_controller(parent)

    def _is_controller(self, process: psutil.Process) -> bool:
        try:
            words = process.cmdline()
        except psutil.Error:
            return False
        return any(MODULE in word for word in words) and any(self._folder in word for word in words)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and all below it; the process first, so that it cannot start another one."""
    try:
        process.suspend()
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
