"""From the configuration to a study: what is left of its searches is run, then all of them are gathered."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from nas.application import build, read_truth, say, warn
from nas.errors import UserError

LAUNCHER = ("hydra/launcher=", "hydra.launcher.", "hardware=", "hardware.")
TRACKER = ("tracker=", "tracker.")


def run_study(config: DictConfig, folder: Path) -> Any:
    """Tunes, searches and measures again what the study wants, as far as it is not done yet.

    Returns:
        A `nas.comparison.results.Comparison`.

    Raises:
        UserError: a value is out of range, an arm cannot be made, or the folder holds another study.
    """
    from nas.comparison.gathering import gather_study
    from nas.comparison.study import Study
    from nas.comparison.study_file import keep_study
    from nas.comparison.tuning import Tuning, choose, chosen
    from nas.noise.reevaluation import reevaluate
    from nas.recorded import recorded_finals
    from nas.search.locked_folder import locked_folder
    from nas.study_searches import can_share_processes, run_searches, search_parts

    plain = plain_values(config)
    also, reevaluation = [*_given(LAUNCHER), *plain.pop("also")], read_reevaluation(plain.pop("reevaluate"))
    tuning = Tuning(**plain.pop("tune"))
    study = Study(**{**plain, "base": [*plain["base"], *also]})
    tuning.check(study)
    at_once = config.at_once
    if at_once is not None and (type(at_once) is not int or at_once < 1):
        raise UserError(f"at_once is {at_once!r}, it must be a whole number of at least 1, or null")
    tracking = _given(TRACKER)
    if "_target_" in (config.tracker or {}):
        build(config.tracker, "tracker")  # says what is wrong before any search begins
    shared = can_share_processes([*tuning.searches_of(study), *study.searches()])
    found, noise = None, None
    with locked_folder(folder, "study folder", lambda: None) as lock:
        said = keep_study(folder, study, tuning.plain())
        if tuning.grid:
            failures = run_searches(tuning.searches_of(study), folder, at_once, say, shared=shared, tracking=tracking)
            found = choose(study, tuning, folder, failures)
            study = study.tuned(chosen(found))
        searches = study.searches()
        failures = run_searches(searches, folder, at_once, say, shared=shared, tracking=tracking)
        if reevaluation.top:
            ended = [search for search in searches if search.folder not in failures]
            noise = reevaluate(ended, folder, reevaluation, search_parts, lock, say)
    force = read_truth(config, "force")
    gathered = gather_study(folder, study, recorded_finals, warn, force, said=said, tuning=found, failures=failures)
    return replace(gathered, noise=noise)


def plain_values(config: DictConfig) -> dict[str, Any]:
    """What `compare` says, as plain data.

    Raises:
        UserError: arms or contexts are no mappings.
    """
    plain = OmegaConf.to_container(config.compare, resolve=True)
    assert isinstance(plain, dict)
    for key in ("contexts", "arms"):
        if not isinstance(plain[key], Mapping):
            raise UserError(f"compare.{key} is {plain[key]!r}, it must map names to lists of overrides")
    return {str(key): value for key, value in plain.items()}


def read_reevaluation(values: Any) -> Any:
    """What `compare.reevaluate` says.

    Raises:
        UserError: a value is out of range.
    """
    from nas.noise.reevaluation import Reevaluation

    if not isinstance(values, Mapping):
        raise UserError(f"compare.reevaluate is {values!r}, it must be such as {{top: 10, seeds: 5}}")
    return build({"_target_": f"{Reevaluation.__module__}.{Reevaluation.__name__}", **values}, "compare.reevaluate")


def _given(prefixes: tuple[str, ...]) -> list[str]:
    """Overrides of this command that hold for every search."""
    from hydra.core.hydra_config import HydraConfig

    given = [*HydraConfig.get().overrides.hydra, *HydraConfig.get().overrides.task]
    return [override for override in given if override.startswith(prefixes)]
