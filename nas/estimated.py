"""From a composed configuration to what its search will cost, and to the consent that a costly one needs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from nas.application import read_truth, read_whole
from nas.errors import UserError
from nas.launching import composed_launcher_kind

ONE_AT_A_TIME = "dry_run is true with -m, but it estimates one search at a time: leave -m out"


def refuse_sweep(words: Sequence[str]) -> None:
    """Says once, before any search of a sweep begins, what each of them would say.

    Raises:
        UserError: the command wants a dry run of a sweep.
    """
    if {"-m", "--multirun"}.intersection(words) and "dry_run=true" in words:
        raise UserError(ONE_AT_A_TIME)


def estimated(config: DictConfig) -> str:
    """Makes a dry run and keeps what it found for the search's start.

    Returns:
        Lines for a terminal.

    Raises:
        UserError: the search cannot be made, or was finished before; see `nas.estimating.dry_run`.
    """
    from nas.estimating.consent import read_limit
    from nas.estimating.dry_run import dry_run
    from nas.estimating.kept import keep_dry_run
    from nas.estimating.words import lines
    from nas.evolve import search_arguments

    if HydraConfig.get().mode is RunMode.MULTIRUN:
        raise UserError(ONE_AT_A_TIME)
    children, seconds = read_whole(config, "dry_run_children"), config.dry_run_s
    if children < 1:
        raise UserError(f"dry_run_children is {children}, it must be at least 1")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        raise UserError(f"dry_run_s is {seconds!r}, it must be above 0")
    arguments = search_arguments(config)
    read_limit(config.budget.confirm_device_hours)
    plan = _plan(config, arguments)
    runs_dir = Path(arguments["runs_dir"])
    found = dry_run(plan, children, float(seconds), runs_dir)
    keep_dry_run(runs_dir, plan.key, found)
    return "\n".join([f"Dry run of {plan.folder.name}: nothing is journaled.", *lines(found)])


def consented_executor(config: DictConfig, arguments: Mapping[str, Any]) -> Callable[[Path], Any]:
    """The search's executor, which keeps what is known of its cost in the run folder once that is there.

    Raises:
        UserError: the search may cost more than somebody has agreed to.
    """
    from nas.estimating.consent import check_consent, read_limit
    from nas.estimating.kept import Known, has_dry_runs, keep_known, kept_dry_run, known
    from nas.estimating.plan import CLUSTERS
    from nas.estimating.quick import quick_estimate

    limit, given = read_limit(config.budget.confirm_device_hours), read_truth(config, "yes")
    make: Callable[[Path], Any] = arguments["executor"]
    runs_dir = Path(arguments["runs_dir"])
    if composed_launcher_kind() not in CLUSTERS and not has_dry_runs(runs_dir):
        return make
    plan = _plan(config, arguments)
    kept = kept_dry_run(runs_dir, plan.key)
    if plan.is_finished or (kept is None and not plan.on_cluster):
        return make
    estimate = quick_estimate(plan, kept)
    before = known(plan.folder)
    consented = check_consent(plan, estimate, limit, given, before)

    def executor(folder: Path) -> Any:
        estimates = before.estimates
        if not estimates or estimates[-1].budget != estimate.budget:
            estimates = (*estimates, estimate)
        keep_known(folder, Known(estimates, estimate.budget if consented else before.consented))
        return make(folder)

    return executor


def _plan(config: DictConfig, arguments: Mapping[str, Any]) -> Any:
    from nas.application import build
    from nas.estimating.plan import Plan, spent_before
    from nas.search.constraint import make_guard
    from nas.search.run import run_folder
    from nas.search.session import Session

    names = ("space", "algorithm", "evaluator", "budget", "seed", "order", "workers")
    guard = make_guard(arguments["constraint"], arguments["evaluator"], arguments["space"])
    session = Session(**{name: arguments[name] for name in names}, guard=guard)
    run = arguments["run"] if arguments["run"] is not None else session.default_name
    folder = run_folder(run, arguments["runs_dir"])
    spent, told_device_s = spent_before(folder, session.identity)
    return Plan(
        session=session,
        folder=folder,
        hardware=build(config.hardware, "hardware"),
        kind=composed_launcher_kind(),
        make_executor=arguments["executor"],
        spent=spent,
        told_device_s=told_device_s,
        keep_children=arguments["keep_children"],
    )
