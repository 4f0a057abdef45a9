"""Compares searches that differ in algorithm and seed: `python -m nas.compare 'run=[A,B,C,D]'`.

Or runs what is left of a whole study first: `python -m nas.compare experiment=compare_toy`. The same command goes on
with a study that was cut short, and shows a finished one again. With `proxy=true run=NAME`, how well the signal of one
finished search ranks what `proxy_study.final` finds.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from nas.application import build, fail, read_name, read_names, read_truth, run_application
from nas.errors import UserError

EXIT_FAILED = 1


def main() -> None:
    run_application(compare, "compare")


def compare(config: DictConfig) -> None:
    """Prints what was found, and writes the page, its figures and tables."""
    from nas_launchers.executor import SubmissionRefused

    try:
        has_failures = _proxy(config) if read_truth(config, "proxy") else bool(_compare(config).failures)
    except (UserError, SubmissionRefused) as error:
        fail(" ".join(str(error).split()))
    if has_failures:
        sys.exit(EXIT_FAILED)


def _compare(config: DictConfig) -> Any:
    from nas.comparison.printing import summary
    from nas.comparison.tables import write_tables
    from nas.search.run import run_folder

    if config.run is None and not config.compare.arms:
        raise UserError("nothing is said to compare: say run=[NAME,NAME,...] or experiment=compare_toy")
    folder = run_folder(read_name(config, "out"), read_name(config, "runs_dir"))
    comparison = _runs(config, folder) if config.run is not None else _study(config, folder)
    print(summary(comparison))
    write_tables(comparison, folder)
    print(f"Tables: {folder}")
    return comparison


def _runs(config: DictConfig, folder: Path) -> Any:
    from nas.comparison.gathering import gather_runs
    from nas.comparison.results import Settings
    from nas.recorded import recorded_finals, recorded_histories

    plain = _plain(config)
    if _reevaluation(plain["reevaluate"]).top:
        raise UserError("compare.reevaluate measures the searches of a study, it must be 0 with run=")
    settings = Settings(**{key: plain[key] for key in ("primary", "top_k", "checkpoints", "threshold")})
    histories = recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))
    return gather_runs(histories, settings, folder.name, recorded_finals, _warn, read_truth(config, "force"))


def _study(config: DictConfig, folder: Path) -> Any:
    from nas.comparison.gathering import gather_study
    from nas.comparison.study import Study
    from nas.comparison.study_file import keep_study
    from nas.noise.reevaluation import reevaluate
    from nas.recorded import recorded_finals
    from nas.search.locked_folder import locked_folder
    from nas.studying import can_share_processes, run_searches, search_parts

    plain = _plain(config)
    also, reevaluation = [*_launcher_overrides(), *plain.pop("also")], _reevaluation(plain.pop("reevaluate"))
    study = Study(**{**plain, "base": [*plain["base"], *also]})
    at_once = config.at_once
    if at_once is not None and (type(at_once) is not int or at_once < 1):
        raise UserError(f"at_once is {at_once!r}, it must be a whole number of at least 1, or null")
    searches = study.searches()
    shared = can_share_processes(searches)
    noise = None
    with locked_folder(folder, "study folder", lambda: None) as lock:
        said = keep_study(folder, study, None)
        failures = run_searches(searches, folder, at_once, _say, shared=shared)
        if reevaluation.top:
            ended = [search for search in searches if search.folder not in failures]
            noise = reevaluate(ended, folder, reevaluation, search_parts, lock, _say)
    force = read_truth(config, "force")
    found = gather_study(folder, study, recorded_finals, _warn, force, said=said, tuning=None, failures=failures)
    return replace(found, noise=noise)


def _reevaluation(values: Any) -> Any:
    from nas.noise.reevaluation import Reevaluation

    if not isinstance(values, Mapping):
        raise UserError(f"compare.reevaluate is {values!r}, it must be such as {{top: 10, seeds: 5}}")
    return build({"_target_": f"{Reevaluation.__module__}.{Reevaluation.__name__}", **values}, "compare.reevaluate")


def _proxy(config: DictConfig) -> bool:
    """A proxy study of one search; whether genomes could not be evaluated."""
    from nas.comparison.sealed import is_finished
    from nas.launching import composed_executor, composed_launcher_kind, local_workers
    from nas.noise.proxy_folder import keep_identity, summary, write_result
    from nas.noise.proxy_study import ProxyStudy, run_proxy_study
    from nas.recorded import recorded_histories, recorded_space
    from nas.recorded_evaluator import recorded_evaluator
    from nas.search.identity import identity_of, plain_json
    from nas.search.locked_folder import locked_folder
    from nas.search.run import run_folder

    plain = OmegaConf.to_container(config.proxy_study, resolve=True)
    assert isinstance(plain, dict)
    study = build({"_target_": f"{ProxyStudy.__module__}.{ProxyStudy.__name__}", **plain}, "proxy_study")
    names = [] if config.run is None else read_names(config, "run")
    if len(names) != 1:
        raise UserError(f"proxy=true studies one search, but {len(names)} are named: run=NAME")
    (history,) = recorded_histories(names, read_name(config, "runs_dir"))
    if not is_finished(history):
        raise UserError(f"the search {history.path.parent} is not finished, proxy=true needs one that is")
    hardware, kind = build(config.hardware, "hardware"), composed_launcher_kind()
    evaluators = {
        setting: recorded_evaluator(history, overrides, hardware)
        for setting, overrides in (("proxy", []), ("final", study.final))
    }
    folder = run_folder(read_name(config, "out"), read_name(config, "runs_dir"))
    identity = {"search": history.identity, "study": {key: plain[key] for key in ("random", "top", "seeds")}}
    identity |= {setting: identity_of(evaluator) for setting, evaluator in evaluators.items()}
    with locked_folder(folder, "folder of the proxy study", lambda: None) as lock:
        keep_identity(folder, plain_json(identity))
        result = run_proxy_study(
            history,
            recorded_space(history),
            evaluators,
            study,
            folder,
            lambda place: composed_executor(kind, local_workers(kind, hardware), place, hardware),
            lock,
            _say,
        )
    print(summary(result))
    print(f"Page: {write_result(folder, result)}")
    return bool(result.missing)


def _plain(config: DictConfig) -> dict[str, Any]:
    plain = OmegaConf.to_container(config.compare, resolve=True)
    assert isinstance(plain, dict)
    for key in ("contexts", "arms"):
        if not isinstance(plain[key], Mapping):
            raise UserError(f"compare.{key} is {plain[key]!r}, it must map names to lists of overrides")
    return {str(key): value for key, value in plain.items()}


def _launcher_overrides() -> list[str]:
    """What was said here about where children run and on what: it holds for every search."""
    from hydra.core.hydra_config import HydraConfig

    given = [*HydraConfig.get().overrides.hydra, *HydraConfig.get().overrides.task]
    return [
        override
        for override in given
        if override.startswith(("hydra/launcher=", "hydra.launcher.", "hardware=", "hardware."))
    ]


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _warn(sentence: str) -> None:
    print(f"nas: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    main()
