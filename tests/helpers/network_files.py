"""What a network file system asks of the programs that share files on it, checked on a trace of their system calls.

NFS promises close-to-open consistency alone (nfs(5), "Data and metadata coherence"): who opens a file sees what was
written to it before its writer closed or synced it. So each process of a trace is taken for a host of its own, and a
file that one of them opens must hold nothing that another has written and not handed over yet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from system_calls import Call

WRITES = {"write", "writev", "pwrite64", "pwritev", "sendfile"}
SYNCS = {"fsync", "fdatasync"}
OPENS = {"open", "openat", "creat"}
RENAMES = {"rename", "renameat", "renameat2", "link", "linkat"}
LOCKS = re.compile(r"F_(OFD_)?SETLKW?|F_SETLEASE")


def locks_and_maps(calls: Iterable[Call], folder: Path) -> list[str]:
    """Calls that lock or map a file in the folder."""
    inside = f"{folder}/"
    return [
        f"{call.name}({call.arguments})"
        for call in calls
        if (call.mapped or "").startswith(inside)
        or (
            call.descriptor is not None
            and call.descriptor[1].startswith(inside)
            and (call.name == "flock" or (call.name == "fcntl" and LOCKS.search(call.arguments)))
        )
    ]


def writes_to(calls: Iterable[Call], path: Path) -> list[int]:
    """Bytes of every write to a file, in their order."""
    return [
        call.returned for call in calls if call.name in WRITES and call.descriptor and call.descriptor[1] == str(path)
    ]


def unsynced_starts(calls: Iterable[Call], journal: Path, program: str) -> tuple[int, list[str]]:
    """How often a program was started, and every start at which the journal held an event that was not synced."""
    dirty, starts, problems = False, 0, []
    for call in sorted(calls, key=lambda call: call.end_s if call.name in WRITES | SYNCS else call.start_s):
        about = call.descriptor is not None and call.descriptor[1] == str(journal)
        if about and call.name in WRITES:
            dirty = True
        elif about and call.name in SYNCS:
            dirty = False
        elif call.name == "execve" and call.returned == 0 and program in call.arguments.partition("], 0x")[0]:
            starts += 1
            if dirty:
                problems.append(f"{call.arguments[:200]} at {call.start_s}")
    return starts, problems


@dataclass
class _File:
    """One file, whatever its name is at the moment.

    Attributes:
        created: the flags with which it was created in this trace; "" for one that was there.
        synced: whether all that was written has been synced.
        dirty: processes that have written what others cannot see yet.
        writers: open descriptors for writing, as (process, number).
    """

    created: str = ""
    first_name: str = ""
    synced: bool = True
    dirty: set[int] = field(default_factory=set)
    writers: set[tuple[int, int]] = field(default_factory=set)


class Files:
    """Replays a trace: who has which file open, what it is called, and what of it others can see.

    Attributes:
        renamed: for each path that a file of this trace was given as its final name, what was wrong at that moment.
        unseen: openings of files that held what another process had not handed over.
        shared: how many openings met a file that another process had written, so that a trace without any is noticed.
    """

    def __init__(self, calls: Iterable[Call], folder: Path) -> None:
        self.renamed: dict[str, list[str]] = {}
        self.unseen: list[str] = []
        self.shared = 0
        self._inside = f"{folder}/"
        self._by_name: dict[str, _File] = {}
        self._open: dict[tuple[int, int], _File] = {}
        self._written_by: dict[int, set[int]] = {}
        for call in calls:
            self._take(call)

    def _take(self, call: Call) -> None:
        if call.name == "exit_group" or (call.name == "+++"):
            for key in [key for key in self._open if key[0] == call.process and call.name == "exit_group"]:
                self._close(key)
        elif call.returned < 0:
            return
        elif call.name in OPENS:
            self._opened(call)
        elif call.name in ("dup", "dup2", "dup3") or (call.name == "fcntl" and "F_DUPFD" in call.arguments):
            self._duplicated(call)
        elif call.name in RENAMES:
            self._moved(call)
        elif call.name in ("unlink", "unlinkat"):
            self._by_name.pop(call.paths[-1], None)
        elif call.descriptor is not None:
            self._used(call, call.descriptor[0])

    def _opened(self, call: Call) -> None:
        new = call.new_descriptor
        if new is None or not new[1].startswith(self._inside) or "O_DIRECTORY" in call.arguments:
            return
        number, path = new
        file = self._by_name.get(path)
        if file is None:
            file = self._by_name[path] = _File(call.arguments if "O_CREAT" in call.arguments else "", path)
        if any(process != call.process for process in self._written_by.get(id(file), ())):
            self.shared += 1
            others = sorted(file.dirty - {call.process})
            if others:
                self.unseen.append(f"{call.process} opened {path} while {others} had not closed it")
        key = (call.process, number)
        self._close(key)
        self._open[key] = file
        if re.search(r"O_WRONLY|O_RDWR", call.arguments):
            file.writers.add(key)

    def _duplicated(self, call: Call) -> None:
        old, new = call.descriptor, call.new_descriptor
        if old is None or new is None:
            return
        source, key = (call.process, old[0]), (call.process, new[0])
        if source == key:
            return
        self._close(key)
        file = self._open.get(source)
        if file is not None:
            self._open[key] = file
            if source in file.writers:
                file.writers.add(key)

    def _used(self, call: Call, number: int) -> None:
        key = (call.process, number)
        file = self._open.get(key)
        if file is None:
            return
        if call.name in WRITES or call.name == "ftruncate":
            file.synced = False
            file.dirty.add(call.process)
            self._written_by.setdefault(id(file), set()).add(call.process)
        elif call.name in SYNCS:
            file.synced = True
            file.dirty.discard(call.process)
        elif call.name == "close":
            self._close(key)

    def _close(self, key: tuple[int, int]) -> None:
        """A close hands over what its process has written, also through other descriptors of the same file."""
        file = self._open.pop(key, None)
        if file is not None and key in file.writers:
            file.writers.discard(key)
            file.dirty.discard(key[0])

    def _moved(self, call: Call) -> None:
        old, new = call.paths[0], call.paths[-1]
        file = self._by_name.get(old)
        if call.name.startswith("rename"):
            self._by_name.pop(old, None)
            self._by_name.pop(new, None)
        if file is None and new.startswith(self._inside):  # written elsewhere, as fsspec does in TMPDIR
            file = _File("moved in", new, old.startswith(self._inside))
            self._written_by.setdefault(id(file), set()).add(call.process)
        elif file is None:
            return
        self._by_name[new] = file
        if file.created and new.startswith(self._inside) and old == file.first_name:
            problems = []
            if not file.synced:
                problems.append("not synced")
            if file.writers:
                problems.append("still open for writing")
            if "O_EXCL" not in file.created and not re.search(r"[0-9a-f]{12}", old.removeprefix(new)):
                problems.append("its draft has no name of its own")
            self.renamed.setdefault(new, []).extend(problems)
