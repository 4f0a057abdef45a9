"""Which accelerators there are, found without loading torch, and which of them each slot gets."""

import os
import re
from collections.abc import Sequence
from pathlib import Path


def visible_gpus() -> list[str]:
    """The CUDA devices this process may use, as `CUDA_VISIBLE_DEVICES` names them; empty without an NVIDIA driver."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [name.strip() for name in allowed.split(",") if name.strip() not in ("", "-1")]
    nodes = [path.name for path in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name)]
    return [str(index) for index in range(len(nodes))]


def device_sets(gpus: Sequence[str], slots: int, per_slot: int) -> list[str] | None:
    """A value of `CUDA_VISIBLE_DEVICES` for every slot; slots share devices where there are more slots than sets.

    Returns:
        None when there are no GPUs.

    Raises:
        ValueError: a slot wants more devices than there are.
    """
    if not gpus:
        return None
    if per_slot > len(gpus):
        raise ValueError(f"a child wants {per_slot} devices, but only {len(gpus)} are visible: {', '.join(gpus)}")
    groups = [gpus[start : start + per_slot] for start in range(0, len(gpus) - per_slot + 1, max(1, per_slot))]
    return [",".join(groups[slot % len(groups)]) for slot in range(slots)]
