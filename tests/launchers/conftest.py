"""What launcher tests share: the module of functions that they send away, and waiting for things to happen."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).resolve().parent
# In a checkout nothing is installed; and workers, who are given the driver's sys.path, must find `calls` by name.
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "launchers")]


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def until() -> Callable[..., bool]:
    return wait_until


@pytest.fixture
def gone() -> Callable[[int], bool]:
    return is_gone
