"""Functions that tests send to executors; in a module of their own, as evaluators are."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class OddError(Exception):
    """Cannot be unpickled: its constructor wants more than its message."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def add(a: int, b: int) -> int:
    return a + b


def raise_value_error(text: str) -> None:
    raise ValueError(text)


def raise_odd_error() -> None:
    raise OddError("odd", 7)


def leave(code: int) -> None:
    os._exit(code)


def sys_exit(code: int) -> None:
    sys.exit(code)


def kill_self(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(60)


def segfault() -> None:
    ctypes.string_at(0)


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def write_pid_and_sleep(path: Path) -> None:
    write(path, str(os.getpid()))
    time.sleep(600)


def write_pid_and_keep_lock(path: Path) -> None:
    """Never lets another thread of its process run."""
    write(path, str(os.getpid()))
    sum(range(10**12))


def write_pids_with_subprocess(path: Path) -> None:
    process = subprocess.Popen(["sleep", "600"])
    write(path, f"{os.getpid()} {process.pid}")
    time.sleep(600)


def environment(*names: str) -> dict[str, Any]:
    return {name: os.environ.get(name) for name in names} | {"pid": os.getpid()}


def interrupts_ignored() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN and os.getpgrp() == os.getpid()


def threads_of_torch() -> int:
    import torch

    return torch.get_num_threads()


def grandchild(a: int) -> int:
    """A process of the worker's own: not possible in a daemonic worker."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=queue.put, args=(a + 1,))
    process.start()
    value: int = queue.get()
    process.join()
    return value


def unpicklable() -> Any:
    return (number for number in range(3))


def write(path: Path, text: str) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(text)
    draft.rename(path)


def out_of_memory_beside_others(folder: Path, name: str) -> int:
    """Fails as torch does on a full device while another call is under way in the folder; the number of the run."""
    import torch

    marks = [mark for mark in folder.glob("*.running") if mark.stem != name]
    runs = len(list(folder.glob(f"{name}-*.run"))) + 1
    write(folder / f"{name}-{runs}.run", "")
    if marks:
        raise torch.OutOfMemoryError("CUDA out of memory")
    return runs


def out_of_memory() -> None:
    import torch

    raise torch.OutOfMemoryError("CUDA out of memory")


def run_until(folder: Path, name: str, sign: str) -> str:
    """Runs until a moment after the file `sign` is in the folder."""
    mark = folder / f"{name}.running"
    write(mark, "")
    while not (folder / sign).exists():
        time.sleep(0.02)
    time.sleep(0.5)
    mark.unlink()
    return "ran"
