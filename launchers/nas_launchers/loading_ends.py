"""The last module that the fork server loads, see `loading_begins`."""

from nas_launchers.loading_begins import loaded, watcher

loaded.set()
watcher.join()
