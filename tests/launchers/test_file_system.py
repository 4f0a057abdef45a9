"""Which folders other machines may write to."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from nas_launchers.file_system import is_shared


def test_the_longest_mount_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = [("/", "ext4"), ("/home", "nfs4"), ("/home/me/scratch", "xfs"), ("/proj", "lustre"), ("/sshfs", "fuse.x")]
    made = [SimpleNamespace(mountpoint=point, fstype=kind) for point, kind in mounts]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: made)
    shared = [str(place) for place in ("/home/me/runs", "/proj", "/sshfs/a") if is_shared(Path(place))]
    assert shared == ["/home/me/runs", "/proj", "/sshfs/a"]
    assert not any(is_shared(Path(place)) for place in ("/home/me/scratch/runs", "/homely", "/tmp"))


def test_this_machines_own_disk_is_not_shared() -> None:
    kinds = {part.fstype for part in psutil.disk_partitions(all=True) if part.mountpoint == "/"}
    if kinds <= {"ext4", "xfs", "btrfs", "overlay"}:
        assert not is_shared(Path("/"))
