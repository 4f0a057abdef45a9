"""The allocator's settings reach the C library."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import torch
from nas.training.allocator import keep_memory
if "keep" in sys.argv:
    assert keep_memory()
for _ in range(20):
    block = torch.ones(10_000_000)
    del block
with open("/proc/self/stat") as file:
    print(file.read().rpartition(")")[2].split()[7])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_memory_is_not_cleared_anew_for_every_tensor() -> None:
    """Minor page faults: 40 MB are some 10,000 pages of 4 KiB, and 20 tensors should need them once."""

    def faults(*arguments: str) -> int:
        command = [sys.executable, "-c", SCRIPT, *arguments]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert faults("keep") < faults() - 50_000
