"""Where W&B runs go, and how one is started: without a prompt, and without a hang where there is no network."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

from nas.errors import UserError
from nas.tracking.wandb_folder import supersede
from nas.tracking.wandb_sweep import in_sweep

logger = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline"]
INIT_TIMEOUT_S = 15.0
FINISH_TIMEOUT_S = 60.0  # for what is not uploaded yet; it stays in the run folder
_NAMES = {"dryrun": "offline", "run": "online", "shared": "online"}  # of WANDB_MODE


def load_wandb() -> ModuleType:
    """wandb.

    Raises:
        UserError: it cannot be imported.
    """
    what = "it is not installed"
    try:
        import wandb
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        if hasattr(wandb, "init"):  # a folder of that name can be imported too
            return wandb
    raise UserError(f"tracker=wandb cannot import wandb ({what}): pip install wandb, or say tracker=none")


@dataclass(frozen=True, kw_only=True)
class WandbAccount:
    """
    Attributes:
        project: W&B project.
        entity: user or team; None is the account's default.
        mode: "auto" is online with an API key and offline without; WANDB_MODE, where it is set, says what "auto" means.
    """

    project: str
    entity: str | None
    mode: Mode

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise UserError(f"tracker.mode is {self.mode!r}, allowed are {', '.join(get_args(Mode))}")

    def start(self, folder: Path, run_id: str, **arguments: Any) -> Any:
        """A run of W&B; kept offline, with one warning, when W&B cannot be reached or refuses the key.

        Args:
            folder: what wandb writes goes to `wandb/` in it.
            run_id: of a new run, or of the one that is gone on with.
            arguments: further ones of `wandb.init`.
        """
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # else its service complains on standard error
        os.environ.pop("WANDB_SERVICE", None)  # another process's, which may end before this one
        wandb = load_wandb()
        settings = _settings(wandb)
        wandb.setup(settings)
        mode = self._wanted
        if mode != "disabled":
            supersede(folder, run_id)
        given = {"dir": str(folder), "settings": settings, "reinit": "create_new", **arguments}
        if not in_sweep():
            given |= {"project": self.project, "entity": self.entity, "id": run_id}
        if mode not in ("offline", "disabled"):
            try:
                if is_logged_in():
                    return wandb.init(**given, resume="allow", mode="online")
                if mode == "online":
                    _warn("nobody has logged in (wandb login, or WANDB_API_KEY)")
            except (wandb.errors.Error, ValueError) as error:
                _warn(str(error).partition("\n")[0])
                wandb.teardown()  # its service would hold on to the run's id
                supersede(folder, run_id)
            mode = "offline"
        return wandb.init(**given, mode=mode)

    @property
    def _wanted(self) -> str:
        """What is asked for here and now: "auto", "online", "offline" or "disabled"."""
        wanted = self.mode if self.mode != "auto" else os.environ.get("WANDB_MODE") or "auto"
        return _NAMES.get(wanted, wanted)


def is_logged_in() -> bool:
    """Whether wandb has an API key, wherever it looks for one; nobody is asked.

    Raises:
        wandb.errors.AuthenticationError: the key cannot be one.
    """
    from wandb.sdk.lib import wbauth

    wandb = load_wandb()
    host = wandb.setup(_settings(wandb)).settings.base_url
    return wbauth.authenticate_session(host=host, source="nas", prompt=False) is not None


def _warn(why: str) -> None:
    logger.warning("W&B cannot be used online, so the run is kept offline: %s", why)


def _settings(wandb: ModuleType) -> Any:
    options: Mapping[str, Any] = {
        "silent": True,
        "console": "off",
        "disable_git": True,
        "disable_code": True,
        "x_disable_stats": True,
        "x_save_requirements": False,
        "init_timeout": INIT_TIMEOUT_S,
        "finish_timeout": FINISH_TIMEOUT_S,
    }
    return wandb.Settings(**options)
