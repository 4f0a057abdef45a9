"""`run_search`: one search from its parts; what the command line calls and what Python users call."""

import copy
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from nas.algorithms.base import Algorithm
from nas.errors import UserError, check_part
from nas.evaluators.base import Evaluator
from nas.evaluators.function import FunctionEvaluator
from nas.search.attempts import Patience
from nas.search.budget import Budget
from nas.search.constraint import Constraint, make_guard
from nas.search.failures import FailureLimit
from nas.search.identity import name_of
from nas.search.session import Result, Session
from nas.search_spaces.base import SearchSpace
from nas.tracking.base import Tracker
from nas.tracking.guard import Trackers

ORDERS = ("completion", "number")


def run_search(
    *,
    space: SearchSpace,
    algorithm: Algorithm | Callable[..., Algorithm],
    evaluator: Evaluator | Callable[[Any, int], Any],
    budget: Budget | int,
    constraint: Constraint | None = None,
    seed: int = 0,
    run: str | Path | None = None,
    runs_dir: str | Path = "runs",
    order: str = "completion",
    workers: int = 0,
    executor: Callable[[Path], Any] | None = None,
    trackers: Sequence[Tracker] = (),
    report: Callable[[Path], object] | None = None,
    verify: bool | None = None,
    max_failures: int = 10,
    max_attempts: int = 3,
    max_interruptions: int = 50,
    keep_children: int = 20,
    config: str | None = None,
) -> Result:
    """Starts a search, or goes on with it: the same arguments find the same folder.

    Args:
        space: the search space.
        algorithm: an algorithm over `space`, or what makes one when called with `space=`. It is copied, not changed.
        evaluator: an `Evaluator`, or any `f(genome, seed)` that returns a dict of metrics or one number.
        budget: a `Budget`, or a number of evaluations.
        constraint: upper bounds on every child, see `Constraint`; the evaluator's `cost` must know what they bound.
        seed: of the whole search; all randomness is derived from it.
        run: name of the folder in `runs_dir`, or a path with a separator; None names it by what it searches.
        runs_dir: where runs lie.
        order: "completion" or "number", see `Loop`.
        workers: children at once in local processes; 0 evaluates in this one.
        executor: makes another executor from the run folder, instead of local workers.
        trackers: shown the search as it goes, see `nas.tracking.base`.
        report: called with the run folder when the session has ended, before trackers are told so: writes a report.
        verify: whether resuming asks for every child again and compares; None does so for sessions of these versions.
        max_failures: so many failed children stop the search if they are more than half of those finished.
        max_attempts: attempts at a child of which each ends without a result and without a reason; on a cluster.
        max_interruptions: how often a child may be preempted, requeued, or lose its node; on a cluster.
        keep_children: the folders of so many told children are kept for their logs.
        config: text of the configuration, kept as `config.yaml` in the folder.

    Raises:
        UserError: the folder holds another search, another driver works on it, its journal is damaged, an argument is
            out of range, or the evaluator does not know what the constraint or the budget bounds.
    """
    if order not in ORDERS:
        raise UserError(f"order is {order!r}, allowed are {' and '.join(ORDERS)}")
    for name, value in (("workers", workers), ("keep_children", keep_children)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise UserError(f"{name} is {value!r}, it must be a whole number of at least 0")
    if verify not in (None, True, False):
        raise UserError(f"resume.verify is {verify!r}, allowed are true, false and null")
    if not isinstance(evaluator, Evaluator):
        if not callable(evaluator):
            check_part(evaluator, Evaluator, "evaluator")
        evaluator = FunctionEvaluator(function=evaluator)
    bounds = budget if isinstance(budget, Budget) else Budget(evaluations=budget)
    if bounds.needs_cost:
        bounds.refuse_unknown(evaluator.cost(space.initial(Random(0))), name_of(evaluator))
    session = Session(
        space=space,
        algorithm=made_algorithm(algorithm, space),
        evaluator=evaluator,
        budget=bounds,
        seed=seed,
        order=order,
        workers=workers,
        guard=make_guard(constraint, evaluator, space),
    )
    folder = run_folder(run if run is not None else session.default_name, runs_dir)
    return session.open(
        folder,
        make_executor=executor or (lambda _: local_executor(workers)),
        trackers=Trackers(trackers, bounds.fraction, report),
        verify=verify,
        failures=FailureLimit(max_failures),
        patience=Patience(max_attempts=max_attempts, max_interruptions=max_interruptions),
        keep_children=keep_children,
        config=config,
    )


def made_algorithm(algorithm: Algorithm | Callable[..., Algorithm], space: SearchSpace) -> Algorithm:
    """A copy of an algorithm, or what its maker makes.

    Raises:
        UserError: it is none, or the space is none.
    """
    check_part(space, SearchSpace, "space")
    if isinstance(algorithm, Algorithm):
        return copy.deepcopy(algorithm)
    if not callable(algorithm):
        check_part(algorithm, Algorithm, "algorithm")
    made = algorithm(space=space)
    check_part(made, Algorithm, "algorithm")
    return made


def run_folder(run: str | Path, runs_dir: str | Path) -> Path:
    """A name lies in `runs_dir`; what has a separator is a path of its own.

    Raises:
        UserError: the name is empty or a dot, so that it would name `runs_dir` itself or a folder above.
    """
    if isinstance(run, Path) or os.sep in run:
        return Path(run)
    if run in ("", ".", ".."):
        raise UserError(f"run is {run!r}, it must be the name of a folder, or a path with a {os.sep}")
    return Path(runs_dir) / run


def local_executor(workers: int) -> Any:
    """Runs children here: in this process for 0 workers, else in a pool."""
    if workers == 0:
        from nas_launchers.inline import InlineExecutor

        return InlineExecutor()
    from nas_launchers.pool import PoolExecutor

    return PoolExecutor(workers)
