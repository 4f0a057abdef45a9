"""Runs one search, or goes on with it: `python -m nas.evolve experiment=demo`.

The same command resumes an unfinished search, reports a finished one, and with a larger budget extends it. With `-m` it
runs a sweep of searches side by side: `python -m nas.evolve -m algorithm=aging,random 'seed=range(3)'`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from nas.application import build, fail, read_name, read_truth, read_whole, run_application, say
from nas.data_notes import data_notes, keep_description
from nas.errors import UserError, check_part
from nas.estimated import consented_executor, estimated, refuse_sweep
from nas.launching import composed_launcher_kind, local_workers, ready_executor
from nas.then_retrain import retraining_overrides, retraining_words, run_retraining, shown_command

EXIT_FAILED = 1
EXIT_STOPPED = 130


def main() -> None:
    try:
        refuse_sweep(sys.argv[1:])
    except UserError as error:
        fail(str(error))
    run_application(evolve, "config")


def evolve(config: DictConfig) -> float | None:
    """One search from a composed configuration.

    Returns:
        The best fitness, for sweepers that want one; None if no child was told.
    """
    from nas_launchers.executor import SubmissionRefused

    reports: list[Path] = []
    try:
        wanted = read_truth(config, "report")
        if read_truth(config, "dry_run"):
            print(estimated(config), flush=True)
            return None
        follows = retraining_overrides(config)
        result = search(config, (lambda folder: reports.append(_report(folder))) if wanted else None)
    except (UserError, SubmissionRefused) as error:
        fail(" ".join(str(error).split()))
    print(_outcome(result, reports[0] if reports else None), flush=True)
    if result.reason in ("failures", "constraint"):
        sys.exit(EXIT_FAILED)
    if result.reason == "stopped":
        sys.exit(EXIT_STOPPED)
    if follows is not None and result.best is not None:
        _retrain(result.folder, follows, wanted)
    return result.best.fitness if result.best else None


def _retrain(folder: Path, overrides: list[str], report: bool) -> None:
    """Trains the best anew, and then writes the report again, which shows it."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    words = retraining_words(folder, overrides)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        say(f"What comes next, once all searches have ended: {shown_command(words)}")
        return
    say(f"Now the best are trained for long: {shown_command(words)}")
    code = run_retraining(words)
    if report:
        say(f"Report, with the retraining: {_report(folder)}")
    if code:
        sys.exit(code)


def search(config: DictConfig, report: Callable[[Path], object] | None = None) -> Any:
    """Builds the parts and runs the search.

    Args:
        report: writes the report into the run folder; None writes none.

    Raises:
        UserError: a value is out of range, or the run folder belongs to another search.
    """
    from nas.search.run import run_search

    arguments = search_arguments(config)
    return run_search(**{**arguments, "executor": consented_executor(config, arguments)}, report=report)


def search_arguments(config: DictConfig) -> dict[str, Any]:
    """What `run_search` is called with.

    Raises:
        UserError: a value is out of range, or two of them do not go together.
    """
    if "compare" in config:
        raise UserError("this experiment is a study of several searches: python -m nas.compare runs it")
    space, algorithm, evaluator = build_parts(config)
    hardware = build(config.hardware, "hardware")
    kind, workers = composed_launcher_kind(), 0
    if kind != "local" or evaluator.writes_files or hardware.workers != "auto":
        workers = _workers(kind, hardware, algorithm)
    preflight = read_truth(config, "preflight")
    if config.progress != "none":
        for line in data_notes(evaluator):
            say(line)
    plain = OmegaConf.to_container(config, resolve=True)
    assert isinstance(plain, dict)

    def make_executor(folder: Path) -> Any:
        keep_description(folder, evaluator)
        return ready_executor(kind, workers, folder, hardware, wanted=preflight, parts=evaluator, data=evaluator)

    return {
        "space": space,
        "algorithm": algorithm,
        "evaluator": evaluator,
        "budget": _budget(plain["budget"]),
        "constraint": _constraint(plain["constraint"]),
        "seed": read_whole(config, "seed"),
        "run": None if config.run is None else read_name(config, "run"),
        "runs_dir": read_name(config, "runs_dir"),
        "order": config.order,
        "workers": workers,
        "executor": make_executor,
        "trackers": _trackers(config),
        "verify": config.resume.verify,
        "max_failures": config.max_failures,
        "max_attempts": config.max_attempts,
        "max_interruptions": config.max_interruptions,
        "keep_children": config.keep_children,
        "config": OmegaConf.to_yaml(OmegaConf.create(plain)),
    }


def build_parts(config: DictConfig) -> tuple[Any, Any, Any]:
    """Space, algorithm and evaluator of a composed configuration.

    Raises:
        UserError: a value is out of range, or two of them do not go together.
    """
    from nas.algorithms.base import Algorithm
    from nas.evaluators.base import Evaluator
    from nas.search_spaces.base import SearchSpace

    space = build(config.search_space, "search_space")
    check_part(space, SearchSpace, "search_space")
    algorithm = build(config.algorithm, "algorithm", space=space)
    check_part(algorithm, Algorithm, "algorithm")
    evaluator = build(config.evaluator, "evaluator", space=space)
    check_part(evaluator, Evaluator, "evaluator")
    return space, algorithm, evaluator


def _workers(kind: str, hardware: Any, algorithm: Any) -> int:
    """Children at once; on a cluster `auto` is a quarter of the population (arXiv 1703.01041, section 3.1)."""
    if (
        kind in ("submitit_slurm", "slurm_packed")
        and hardware.workers == "auto"
        and hasattr(algorithm, "population_size")
    ):
        return max(1, algorithm.population_size // 4)
    return local_workers(kind, hardware)


def _trackers(config: DictConfig) -> list[Any]:
    from nas.tracking.console import ConsoleTracker

    live = {"auto": None, "live": True, "plain": False}
    if config.progress not in (*live, "none"):
        raise UserError(f"progress is {config.progress!r}, allowed are {', '.join(live)} and none")
    trackers: list[Any] = [] if config.progress == "none" else [ConsoleTracker(live[config.progress])]
    if "_target_" in (config.tracker or {}):
        trackers.append(build(config.tracker, "tracker"))
    return trackers


def _budget(values: Any) -> Any:
    from nas.search.budget import Budget

    if not isinstance(values, dict):
        raise UserError(f"budget is {values!r}, set a bound in it such as budget.evaluations={values}")
    bounds = {key: value for key, value in values.items() if key != "confirm_device_hours"}
    return build({"_target_": f"{Budget.__module__}.{Budget.__name__}", **bounds}, "budget")


def _constraint(values: Any) -> Any:
    from nas.search.constraint import Constraint

    if not isinstance(values, dict):
        raise UserError(f"constraint is {values!r}, set a bound in it such as constraint.parameters={values}")
    return build({"_target_": f"{Constraint.__module__}.{Constraint.__name__}", **values}, "constraint")


def _report(folder: Path) -> Path:
    from nas.reporting.report import write_report

    return write_report(folder)


def _outcome(result: Any, report: Path | None) -> str:
    """The last lines of a session: how it ended, the best individual, and where to look."""
    told, failed = result.spent.told, result.failed
    ended = {
        "budget": "The budget is used",
        "finished": "This search was finished already; a larger budget extends it",
        "stopped": f"Stopped by {result.message}; the same command resumes it, nothing is lost",
        "failures": f"Stopped: {result.message}",
        "constraint": f"Stopped: {result.message}",
    }[result.reason]
    lines = [f"{ended}: {told} evaluations" + (f", {failed} failed" if failed else "") + "."]
    if result.best is not None:
        lines.append(f"Best: individual {result.best.number} with fitness {result.best.fitness:.4f}.")
    lines.append(f"Run folder: {result.folder}")
    if report is not None:
        lines.append(f"Report: {report}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
