"""Shows a tracker a search's whole journal: `python -m nas.track run=NAME`, or a path, or a list of them.

For searches that ran with `tracker=none`, whose tracker failed, or that W&B has only a part of; of any age, finished
or not. Takes `tracker.*` as `nas.evolve` does.
"""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from nas.application import build, fail, read_name, read_names, run_application
from nas.errors import UserError


def main() -> None:
    run_application(track, "track")


def track(config: DictConfig) -> None:
    """Tracks every search named by `run`, one after the other."""
    try:
        if config.run is None:
            raise UserError("run is missing: say run=NAME, or the path of a run folder, or a list of them")
        if "_target_" not in (config.tracker or {}):
            raise UserError("tracker is none, which shows nothing: say tracker=wandb")
        folders = [history.path.parent for history in _histories(config)]
        for folder in folders:
            _track(build(config.tracker, "tracker"), folder)
            print(f"Tracked: {folder}", flush=True)
    except UserError as error:
        fail(str(error))


def _track(tracker: Any, folder: Path) -> None:
    """A session that tells nothing: what earlier ones have told, a tracker takes from the journal.

    Raises:
        UserError: the journal is damaged, a driver works on the search, or the tracker fails.
    """
    from nas.search.history import History
    from nas.search.locked_folder import locked_folder
    from nas.tracking.afterwards import context_of, summary_of

    with locked_folder(folder, "run folder", lambda: None):
        history = History.load(folder)
        try:
            tracker.opened(context_of(history))
            tracker.closed(summary_of(history))
        except Exception as error:
            raise UserError(f"{folder} cannot be tracked: {type(error).__name__}: {error}") from error


def _histories(config: DictConfig) -> list[Any]:
    from nas.recorded import recorded_histories

    return recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))


if __name__ == "__main__":
    main()
