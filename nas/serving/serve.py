"""`watch=true`: serves the page of a search until Ctrl-C."""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nas.errors import UserError
from nas.search.journal import FILE_NAME
from nas.search.lock import lock_holder
from nas.serving.server import HOST, PageServer
from nas.serving.watch import Watch

LAST_PORT = 65535


def serve(run: Path, port: int, say: Callable[[str], None]) -> None:
    """Serves the page of a run, on this machine only, until it is interrupted. Nothing is written.

    Args:
        run: the run folder, or its journal.
        port: 0 takes any that is free.
        say: is told where the page is.

    Raises:
        UserError: there is no search, or the port cannot be had.
    """
    if not 0 <= port <= LAST_PORT:
        raise UserError(f"port is {port}, it must be from 0 (any that is free) to {LAST_PORT}")
    folder = run if run.is_dir() else run.parent
    if not (folder / FILE_NAME).exists() and lock_holder(folder) is None:  # a driver makes the journal after its lock
        raise UserError(f"{folder} has no journal: it is no search, or it has not begun")
    watch = Watch(folder)
    try:
        server = PageServer(watch, port)
    except OSError as error:
        why = "in use" if error.errno == errno.EADDRINUSE else f"not to be had ({error.strerror})"
        raise UserError(f"port={port} is {why} on {HOST}: choose another, or port=0 for any that is free") from error
    with server, suppress(KeyboardInterrupt):
        watch.start()
        say(
            f"Watching {folder}: http://{HOST}:{server.port}/ · from another machine first "
            f"ssh -L {server.port}:{HOST}:{server.port} {socket.gethostname()} · Ctrl-C ends it"
        )
        server.serve_forever()
