"""Compares searches that differ in algorithm and seed: `python -m nas.compare 'run=[A,B,C,D]'`.

Or runs what is left of a whole study first: `python -m nas.compare experiment=compare_toy`. The same command goes on
with a study that was cut short, and shows a finished one again.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from nas.application import fail, read_name, read_names, read_truth, run_application
from nas.errors import UserError

EXIT_FAILED = 1


def main() -> None:
    run_application(compare, "compare")


def compare(config: DictConfig) -> None:
    """Prints what was found, and writes the page, its figures and tables."""
    try:
        comparison = _compare(config)
    except UserError as error:
        fail(" ".join(str(error).split()))
    if comparison.failures:
        sys.exit(EXIT_FAILED)


def _compare(config: DictConfig) -> Any:
    from nas.comparison.checklist import checklist, write_checklist
    from nas.comparison.printing import summary
    from nas.comparison.tables import write_tables
    from nas.search.run import run_folder

    if config.run is None and not config.compare.arms:
        raise UserError("nothing is said to compare: say run=[NAME,NAME,...] or experiment=compare_toy")
    folder = run_folder(read_name(config, "out"), read_name(config, "runs_dir"))
    comparison = _runs(config, folder) if config.run is not None else _study(config, folder)
    print(summary(comparison))
    write_tables(comparison, folder)
    write_checklist(checklist(comparison), folder)
    print(f"Tables: {folder}")
    return comparison


def _runs(config: DictConfig, folder: Path) -> Any:
    from nas.comparison.gathering import gather_runs
    from nas.comparison.results import Settings
    from nas.recorded import recorded_finals, recorded_histories

    plain = _plain(config)
    settings = Settings(**{key: plain[key] for key in ("primary", "top_k", "checkpoints", "threshold")})
    histories = recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))
    return gather_runs(histories, settings, folder.name, recorded_finals, _warn, read_truth(config, "force"))


def _study(config: DictConfig, folder: Path) -> Any:
    from nas.comparison.gathering import gather_study
    from nas.comparison.study import Study
    from nas.comparison.study_file import keep_study
    from nas.comparison.tuning import Tuning, choose, chosen
    from nas.recorded import recorded_finals
    from nas.search.locked_folder import locked_folder
    from nas.studying import can_share_processes, run_searches

    plain = _plain(config)
    also, tune = [*_launcher_overrides(), *plain.pop("also")], plain.pop("tune")
    study = Study(**{**plain, "base": [*plain["base"], *also]})
    tuning = Tuning(**tune)
    tuning.check(study)
    at_once = config.at_once
    if at_once is not None and (type(at_once) is not int or at_once < 1):
        raise UserError(f"at_once is {at_once!r}, it must be a whole number of at least 1, or null")
    shared = can_share_processes([*tuning.searches_of(study), *study.searches()])
    with locked_folder(folder, "study folder", lambda: None):
        said = keep_study(folder, study, tuning.plain())
        found = None
        if tuning.grid:
            failures = run_searches(tuning.searches_of(study), folder, at_once, _say, shared=shared)
            found = choose(study, tuning, folder, failures)
            study = study.tuned(chosen(found))
        failures = run_searches(study.searches(), folder, at_once, _say, shared=shared)
    force = read_truth(config, "force")
    return gather_study(folder, study, recorded_finals, _warn, force, said=said, tuning=found, failures=failures)


def _plain(config: DictConfig) -> dict[str, Any]:
    plain = OmegaConf.to_container(config.compare, resolve=True)
    assert isinstance(plain, dict)
    for key in ("contexts", "arms"):
        if not isinstance(plain[key], Mapping):
            raise UserError(f"compare.{key} is {plain[key]!r}, it must map names to lists of overrides")
    return {str(key): value for key, value in plain.items()}


def _launcher_overrides() -> list[str]:
    """What was said here about where children run: it holds for every search."""
    from hydra.core.hydra_config import HydraConfig

    given = [*HydraConfig.get().overrides.hydra, *HydraConfig.get().overrides.task]
    return [override for override in given if override.startswith(("hydra/launcher=", "hydra.launcher."))]


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _warn(sentence: str) -> None:
    print(f"nas: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    main()
