"""A function for `evaluator=function` that fails now and then, with the metrics of a training."""

import os
import time
from typing import Any


def measure(genome: Any, seed: int) -> dict[str, Any]:
    """The share of ones; every ninth seed fails. Takes a few milliseconds, some longer than others."""
    time.sleep(0.002 + 0.004 * (seed % 3))
    if seed % 9 == 0:
        raise RuntimeError("<b>out of memory</b>")
    ones = sum(genome)
    return {
        "valid_accuracy": ones / len(genome) + seed % 1000 * 1e-5,
        "parameters": 1000 * ones,
        "multiply_adds": 1_000_000 + ones,
        "train_flops": 6e9 + ones,
        "note": None if seed % 2 else "<i>half</i>",
        "diverged": False,
    }


def gated(genome: Any, seed: int) -> dict[str, Any]:
    """The same without failures, once the file NAS_TEST_GATE is there."""
    deadline = time.monotonic() + 120
    while not os.path.exists(os.environ["NAS_TEST_GATE"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return measure(genome, seed + (seed % 9 == 0))
