"""Traces what a program asks of the kernel, with strace, and reads it as one ordered list of calls."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

TRACED = (
    "open,openat,creat,close,dup,dup2,dup3,fcntl,flock,mmap,write,writev,pwrite64,pwritev,sendfile,ftruncate,truncate,fsync,fdatasync,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,execve,clone,clone3,fork,vfork,exit_group"
)
_LINE = re.compile(r"(?P<start>\d+\.\d+) (?P<name>\w+)\((?P<arguments>.*)\) += (?P<rest>.*?)(?: <(?P<took>[\d.]+)>)?$")
_END = re.compile(r"(?P<start>\d+\.\d+) \+\+\+ ")
_DESCRIPTOR = re.compile(r"(\d+)<([^>]*)>")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One system call.

    Attributes:
        start_s, end_s: clock times.
        process: its id; threads have that of their process.
        name: of the call; "+++" when a thread is gone.
        arguments: as strace prints them, open files with their paths.
        returned: the number; -1 for an error.
        rest: what strace prints behind the equals sign.
    """

    start_s: float
    end_s: float
    process: int
    name: str
    arguments: str = ""
    returned: int = 0
    rest: str = ""

    @property
    def descriptor(self) -> tuple[int, str] | None:
        """Number and path of the open file in the first argument."""
        found = _DESCRIPTOR.match(self.arguments)
        return (int(found[1]), found[2]) if found else None

    @property
    def new_descriptor(self) -> tuple[int, str] | None:
        """Number and path of the open file that it returned."""
        found = _DESCRIPTOR.match(self.rest)
        return (int(found[1]), found[2]) if found else None

    @property
    def mapped(self) -> str | None:
        """Path of the file that an mmap maps; None for memory of its own."""
        found = _DESCRIPTOR.findall(self.arguments)
        return found[-1][1] if self.name == "mmap" and found else None

    @property
    def paths(self) -> list[str]:
        """Paths in quotes, in their order."""
        return re.findall(r'"([^"]*)"', self.arguments)


def traced(
    command: Sequence[str], folder: Path, *, cwd: Path, environment: Mapping[str, str] | None = None
) -> list[Call]:
    """Runs a command to its end and returns the calls of all its processes, by their time.

    Skips the test where there is no strace, or it may not trace.
    """
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: apt-get install strace, on Linux")
    folder.mkdir()
    probe = subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(
            f"strace may not trace here: {probe.stderr.strip()}; in a container, allow the capability SYS_PTRACE"
        )
    options = ["-ff", "-ttt", "-T", "-y", "-s", "4096", f"--trace={TRACED}", "-o", str(folder / "trace")]
    # execve's environment and the data of writes are none of our business; paths are never cut
    done = subprocess.run(
        [strace, "--seccomp-bpf", *options, *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return read(folder)


def read(folder: Path) -> list[Call]:
    """The calls in a folder of `strace -ff -ttt -T -y`, by their start."""
    by_thread = {int(path.suffix[1:]): path.read_text(errors="replace").splitlines() for path in folder.iterdir()}
    process_of = {thread: thread for thread in by_thread}
    for thread, lines in by_thread.items():
        for line in lines:
            if "CLONE_THREAD" in line and (found := re.search(r"\) += (\d+)", line)):
                process_of[int(found[1])] = thread
    calls = []
    for thread, lines in by_thread.items():
        process = thread
        while process_of.get(process, process) != process:
            process = process_of[process]
        calls += [call for line in lines if (call := _call(line, process)) is not None]
    return sorted(calls, key=lambda call: (call.start_s, call.end_s))


def _call(line: str, process: int) -> Call | None:
    found = _LINE.match(line)
    if found is None:
        ended = _END.match(line)
        return (
            None
            if ended is None
            else Call(start_s=(at := float(ended["start"])), end_s=at, process=process, name="+++")
        )
    start_s = float(found["start"])
    number = re.match(r"-?\d+", found["rest"])
    return Call(
        start_s=start_s,
        end_s=start_s + float(found["took"] or 0.0),
        process=process,
        name=found["name"],
        arguments=found["arguments"],
        returned=int(number[0]) if number else 0,
        rest=found["rest"],
    )
