"""Children that are not trained by us, such as look-ups: a short search with all its parts, the driver's own work
included, tells what they take."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.estimating.plan import Plan
from nas.search.budget import Budget
from nas.search.history import History
from nas.search.individual import State
from nas.search.run import run_search


@dataclass(frozen=True, kw_only=True)
class Short:
    """
    Attributes:
        ran_s: device-seconds of each told child.
        start_s: until the first was told, without its own seconds.
        child_s: seconds from one told child to the next, times places.
        journal_bytes: for each.
    """

    ran_s: list[float]
    start_s: float
    child_s: float
    journal_bytes: float


class _Leaving:
    """An executor whose jobs end with their driver."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    def detach(self) -> None:
        self._executor.shutdown(cancel=True)


def short_search(plan: Plan, folder: Path, least: int, most_s: float) -> Short:
    """Searches with another seed until so many children are told; if that took less, for so many seconds.

    Args:
        plan: the search.
        folder: for its runs; exists, and workers see it.
        least: children.
        most_s: seconds; children in flight are awaited.

    Raises:
        UserError: no child could be evaluated; the sentence has the first reason.
        KeyboardInterrupt: a stop was asked for.
    """
    whole = plan.budget.evaluations
    history = _searched(plan, folder / "few", Budget(evaluations=least if whole is None else min(least, whole)))
    if history.elapsed_s < most_s and (whole is None or whole > least):
        history = _searched(plan, folder / "many", replace(plan.budget, hours=most_s / 3600, device_hours=None))
    told = history.told
    ends = [individual.finished_s or 0.0 for individual in told]
    slots = int(history.sessions[-1]["slots"])
    steady_s = (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > slots else told[-1].device_s / slots
    return Short(
        ran_s=[individual.device_s for individual in told],
        start_s=max(0.0, ends[0] - told[0].device_s),
        child_s=steady_s * slots,
        journal_bytes=history.path.stat().st_size / len(told),
    )


def _searched(plan: Plan, run: Path, budget: Budget) -> History:
    session = plan.session
    result = run_search(
        space=plan.space,
        algorithm=plan.algorithm,
        evaluator=plan.evaluator,
        budget=budget,
        constraint=None if plan.guard is None else plan.guard.constraint,
        seed=derived_seed(session.seed, "dry_run") >> 31,
        run=run,
        order=session.order,
        workers=session.workers,
        executor=lambda folder: _Leaving(plan.make_executor(folder)),
        keep_children=plan.keep_children,
    )
    if result.reason == "stopped":
        raise KeyboardInterrupt
    history = result.history()
    if not history.told:
        failed = [individual for individual in history.individuals if individual.state is State.FAILED]
        reason = failed[0].reason if failed else result.message or result.reason
        raise UserError(f"all {len(failed)} children of the dry run failed, the first with: {reason}")
    return history
