"""Which software wrote a journal."""

import functools
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nas

PACKAGES = ("torch", "torchvision", "pytorch-lightning", "numpy", "hydra-core")


@functools.cache
def versions() -> dict[str, str]:
    """Versions of nas, Python and the packages that make the numbers; a missing package is left out."""
    found = {"nas": nas.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@functools.cache
def commit() -> str | None:
    """The git commit of a checkout, with a `+` when it was changed; None for an installed package."""
    root = Path(nas.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
