"""A dry run: a few children are tried where the search's would be, and everything else follows."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nas.errors import UserError
from nas.estimating.estimate import Estimate
from nas.estimating.plan import Plan
from nas.estimating.probing import MOST as MOST_TRIED
from nas.estimating.probing import number_of_children, try_children
from nas.estimating.rehearsal import CHANCE, CHEAPER, COSTLIER, MOST, rehearse, stratified
from nas.estimating.short_search import short_search
from nas.estimating.totals import WORK, of_short_search, of_trials
from nas.evaluators.train import TrainEvaluator

TRIES, PAUSE_S = 5, 1.0  # at removing a folder in which a job may still write its last lines


def dry_run(plan: Plan, children: int, most_s: float, runs_dir: Path) -> Estimate:
    """Tries a few children. Nothing is journaled, and nothing of it is left.

    Args:
        plan: the search.
        children: that are tried, or a few more, see `number_of_children`.
        most_s: about so many seconds of training for each; where children are shorter, more of them are tried.
        runs_dir: where jobs of a cluster have their files meanwhile.

    Raises:
        UserError: the search's budget is used, all children failed, or the folder cannot be made.
        KeyboardInterrupt: a stop was asked for.
    """
    if plan.is_finished:
        raise UserError(
            f"{plan.folder} has used its budget, so that nothing is left to estimate; a larger one would extend it"
        )
    wanted = min(MOST, plan.spent.told + (plan.budget.evaluations or MOST))
    likings = (CHANCE, CHEAPER, COSTLIER) if is_trained(plan) else (CHANCE,)
    rehearsed = {
        liking: rehearse(plan.algorithm, plan.evaluator, plan.guard, plan.session.seed, wanted, liking).after(
            plan.spent.told
        )
        for liking in likings
    }
    with _folder(plan, runs_dir) as folder:
        if not is_trained(plan):
            return of_short_search(plan, rehearsed, short_search(plan, folder, children, most_s))
        least = number_of_children(plan, children)
        rounds = 1 if plan.on_cluster else max(1, MOST_TRIED // least)
        draws = [stratified(list(rehearsed.values()), least, plan.session.seed, turn) for turn in range(rounds)]
        trials = try_children(plan, [genome for some in draws for genome in some], least, folder, most_s)
    costs = [plan.evaluator.cost(tried.genome) for tried in trials.tried]
    work = [float(cost[WORK]) for cost in costs] if all(WORK in cost for cost in costs) else None
    return of_trials(plan, rehearsed, trials, work)


def is_trained(plan: Plan) -> bool:
    """Whether children are trained as our evaluator does it, so that their training can be cut short."""
    return type(plan.evaluator).evaluate is TrainEvaluator.evaluate


@contextmanager
def _folder(plan: Plan, runs_dir: Path) -> Iterator[Path]:
    """A folder that is removed again; where jobs have nodes of their own, beside the runs, which they see."""
    parent, made = None, False
    try:
        if plan.on_cluster:
            parent, made = runs_dir.resolve(), not runs_dir.exists()
            parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".dry-run-", dir=parent))
    except OSError as error:
        raise UserError(f"a folder for the dry run cannot be made in {parent}: {error.strerror}") from error
    try:
        yield folder
    finally:
        for _ in range(TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(PAUSE_S)
        if made and parent is not None and not any(parent.iterdir()):
            parent.rmdir()
