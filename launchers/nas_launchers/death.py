"""How a process ended, for people."""

import signal

REASONS = {
    "SIGKILL": "out of memory, or killed by hand",
    "SIGSEGV": "a crash inside a library",
    "SIGABRT": "a library gave up",
    "SIGBUS": "a crash inside a library, or /dev/shm is full",
    "SIGTERM": "ended by hand or by the system",
}


def how_it_ended(code: int | None) -> str:
    """The rest of a sentence that begins with the process.

    Args:
        code: its exit code, negative for a signal; None if it is not known.
    """
    if code is None or code >= 0:
        return f"ended by itself with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    reason = f": {REASONS[name]}" if name in REASONS else ""
    return f"was killed by signal {-code} ({name}){reason}"
