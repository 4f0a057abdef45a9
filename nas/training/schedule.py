"""Learning rate over the steps of a training. Torch-free."""

import math


def cosine(step: int, num_steps: int) -> float:
    """Factor of the learning rate at `step` (from 0): half a cosine from 1 to 0 (Loshchilov and Hutter 2017, arXiv
    1608.03983, without restarts); 0 would be reached at `num_steps`, one after the last."""
    return 0.5 * (1 + math.cos(math.pi * min(step, num_steps) / num_steps))
