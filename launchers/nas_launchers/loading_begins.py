"""The first module that the fork server loads: ends it if its driver dies while it still loads the others.

A fork server that has loaded everything ends with its driver by itself; before that it does not listen. The thread is
gone when loading ends (`loading_ends`), so that no process is ever forked beside it.
"""

import os
import threading

POLL_S = 0.2

loaded = threading.Event()


def _watch(driver: int) -> None:
    while not loaded.wait(POLL_S):
        if os.getppid() != driver:
            os._exit(1)


watcher = threading.Thread(target=_watch, args=(os.getppid(),), daemon=True)
watcher.start()
