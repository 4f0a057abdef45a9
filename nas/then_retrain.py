"""What follows a search whose configuration asks for it (`retrain=`): `python -m nas.retrain` of that run, as a program
of its own, on the search's hardware."""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from omegaconf import DictConfig, ListConfig

from nas.errors import UserError

_PLAIN = re.compile(r"[\w./+-]+")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def retraining_overrides(config: DictConfig) -> list[str] | None:
    """What the configuration gives to `nas.retrain`; None where nothing follows.

    Raises:
        UserError: it is no list of overrides.
    """
    given = config.get("retrain")
    if given is None:
        return None
    if not isinstance(given, ListConfig) or not all(isinstance(one, str) for one in given):
        raise UserError(f"retrain is {given!r}, it must be null or a list such as ['top_k=5','repeats=3']")
    return list(given)


def retraining_words(run_folder: Path, overrides: Sequence[str]) -> list[str]:
    """The command's words after `nas.retrain`: the run, where it lies, the search's hardware, and the overrides."""
    from hydra.core.hydra_config import HydraConfig

    hydra, folder = HydraConfig.get(), run_folder.absolute()
    places = [source.path for source in hydra.runtime.config_sources if source.provider == "command-line"]
    chosen = [f"{group}={hydra.runtime.choices[group]}" for group in ("hardware", "hydra/launcher")]
    typed = [
        one
        for one in (*hydra.overrides.task, *hydra.overrides.hydra)
        if one.lstrip("+").startswith(("hardware.", "hydra.launcher."))
    ]
    return [
        *(word for place in places for word in ("--config-dir", str(place))),
        _override("run", folder.name),
        _override("runs_dir", str(folder.parent)),
        *chosen,
        *typed,
        *overrides,
    ]


def shown_command(words: Sequence[str]) -> str:
    """As people type it."""
    return shlex.join(["python", "-m", "nas.retrain", *words])


def run_retraining(words: Sequence[str]) -> int:
    """Runs it to its end; signals go on to it, once each.

    Returns:
        Its exit code.
    """
    program = subprocess.Popen([sys.executable, "-m", "nas.retrain", *words], start_new_session=True)

    def relay(number: int, frame: FrameType | None) -> None:
        program.send_signal(number)

    before = {number: signal.signal(number, relay) for number in _SIGNALS}
    try:
        return program.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _override(key: str, value: str) -> str:
    """A value in Hydra's grammar."""
    if _PLAIN.fullmatch(value):
        return f"{key}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{key}='{escaped}'"
