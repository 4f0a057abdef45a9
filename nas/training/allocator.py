"""The C library's memory allocator, set for training on the CPU."""

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # mallopt's numbers
_KEPT_BYTES = 1 << 30
_PAD_BYTES = 64 << 20


@cache
def keep_memory() -> bool:
    """Lets this process reuse the memory of its tensors instead of returning it to the system after every step.

    glibc maps every block above some size afresh, and the system clears it page by page: a fifth of a training step on
    the CPU (`docs/LOG.md`). Nothing is done where the C library is another one.

    Returns:
        Whether the allocator was set.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_MMAP_THRESHOLD, _KEPT_BYTES), (_TRIM_THRESHOLD, _KEPT_BYTES), (_TOP_PAD, _PAD_BYTES))
    accepted = [mallopt(key, value) for key, value in settings]
    return all(value == 1 for value in accepted)
