"""The command line, run as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def evolve(*overrides: str, timeout: float = 240, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`python -m nas.evolve` in a process of its own; `path` is where a user's own modules lie."""
    command = [sys.executable, "-m", "nas.evolve", *overrides]
    environment = os.environ | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
