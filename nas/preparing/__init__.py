"""Folders of images made ready once: packed for searches, or in shards for retrainings. `python -m nas.prepare`."""
