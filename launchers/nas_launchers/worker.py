"""What a local worker does from its first moment to its last: take a call, make it, send back the outcome."""

import fcntl
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from nas_launchers.remote import call

TAKEN = b"taken"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def thread_environment(threads: int | None) -> dict[str, str]:
    """The variables that hold numerical libraries to so many threads; they are read when a library is loaded."""
    return {} if threads is None else {name: str(threads) for name in THREAD_VARIABLES}


def serve(connection: Connection, environment: dict[str, str], threads: int | None) -> None:
    """Makes one call after the other until the driver closes the connection.

    Args:
        connection: brings pickled `(fn, args)`, takes outcomes.
        environment: set before any library reads it, such as `CUDA_VISIBLE_DEVICES`.
        threads: for numerical libraries; None leaves them alone.
    """
    _ignore_interrupts()
    _lead_own_group()
    _die_with_driver()
    os.environ.update(environment)
    _limit_threads(threads)
    while True:
        try:
            payload = connection.recv_bytes()
        except (EOFError, OSError):
            return
        connection.send_bytes(TAKEN)
        connection.send_bytes(call(_unpickle_and_call, (payload,)))


def _unpickle_and_call(payload: bytes) -> object:
    fn, args = pickle.loads(payload)
    return fn(*args)


def _ignore_interrupts() -> None:
    """Ctrl-C belongs to the driver, which decides what becomes of its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _lead_own_group() -> None:
    """A group of its own, so that what the worker starts can be ended together with it."""
    with suppress(OSError):
        os.setpgid(0, 0)


def _die_with_driver() -> None:
    """Ends this process and whatever it has started once the driver is gone, however it went.

    A thread waits for that. On Linux the kernel is asked for it too, since a library that keeps the interpreter's lock
    would keep the thread from running.
    """
    driver = multiprocessing.parent_process()
    assert driver is not None
    threading.Thread(target=_wait_and_die, args=(driver.sentinel,), daemon=True).start()
    leads = os.getpgrp() == os.getpid()
    if sys.platform == "linux" and leads:
        with suppress(OSError):
            _kill_group_when_closed(driver.sentinel)


def _wait_and_die(sentinel: int) -> None:
    wait([sentinel])
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _kill_group_when_closed(pipe: int) -> None:
    """Has the kernel send SIGKILL to this group when the other end of the pipe is closed (fcntl(2), F_SETSIG)."""
    assert sys.platform == "linux"
    fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)


def _limit_threads(threads: int | None) -> None:
    os.environ.update(thread_environment(threads))
    if threads is None:
        return
    torch = sys.modules.get("torch")  # preloaded by the fork server, where it has read the environment already
    if torch is not None:
        torch.set_num_threads(threads)
