"""The command line, run as a user runs it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def evolve(*overrides: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    """`python -m nas.evolve` in a process of its own."""
    command = [sys.executable, "-m", "nas.evolve", *overrides]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
