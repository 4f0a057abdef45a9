"""What kind of file system a folder lies on."""

from pathlib import Path

import psutil

SHARED = ("nfs", "lustre", "gpfs", "beegfs", "ceph", "cifs", "smb", "afs", "pvfs", "orangefs", "panfs", "fuse", "9p")


def is_shared(folder: Path) -> bool:
    """Whether other machines may write there, so that what they write is seen late."""
    place, found, kind = str(folder.resolve()), -1, ""
    for partition in psutil.disk_partitions(all=True):
        mount = partition.mountpoint.rstrip("/")
        if len(mount) > found and (place == mount or place.startswith(f"{mount}/")):
            found, kind = len(mount), partition.fstype
    return kind.startswith(SHARED)
