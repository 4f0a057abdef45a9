"""Keeps Hydra's sweeper from leaving a `multirun.yaml` where the user works."""

import tempfile

from omegaconf import DictConfig, open_dict, read_write

_kept: list["tempfile.TemporaryDirectory[str]"] = []  # removed when the process ends


def keep_sweep_from_writing(config: DictConfig) -> None:
    """Gives the sweeper a temporary folder, unless the user has chosen `hydra.sweep.dir`.

    Hydra's sweeper writes the sweep's configuration there, whatever else is switched off. Drivers compose their own
    configuration and are not affected.
    """
    if config.hydra.sweep.dir != ".":
        return
    _kept.append(tempfile.TemporaryDirectory(prefix="nas-sweep-"))
    with read_write(config), open_dict(config):
        config.hydra.sweep.dir = _kept[-1].name
