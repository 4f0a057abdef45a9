"""Has a few children trained where the search's would be, and says what they took from outside as well."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas_launchers.executor import SubmissionDeferred

from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.estimating.plan import Plan
from nas.estimating.probe import Probed, probe
from nas.search.backoff import Backoff
from nas.search.stop import StopNow, StopSwitch
from nas.search_spaces.base import Genome

WAIT_S = 0.5
MOST = 32  # children


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A child that was trained in part.

    Attributes:
        genome: of it.
        probed: what its process saw.
        submitted_s, done_s: when it was submitted and its end was seen, since the first was submitted.
    """

    genome: Genome
    probed: Probed
    submitted_s: float
    done_s: float

    @property
    def begun_s(self) -> float:
        """When its process began with it."""
        return self.done_s - self.probed.ran_s

    @property
    def around_s(self) -> float:
        """What it took beside running: waiting for its process, and being noticed."""
        return max(0.0, self.done_s - self.submitted_s - self.probed.ran_s)


@dataclass(frozen=True)
class Trials:
    """
    Attributes:
        tried: in the order of their ends; at least one.
        failures: one sentence for each of the others.
    """

    tried: Sequence[Tried]
    failures: Sequence[str]


def number_of_children(plan: Plan, least: int) -> int:
    """So many that all workers of this machine are busy, as in the search: they slow each other down.

    Jobs of a cluster have nodes of their own, or take what others leave.
    """
    return least if plan.on_cluster else math.ceil(least / plan.slots) * plan.slots


def try_children(plan: Plan, genomes: Sequence[Genome], least: int, folder: Path, most_s: float) -> Trials:
    """Trains them, as many at once as the search would.

    Args:
        plan: the search.
        genomes: of the children, with more for the time that short ones leave.
        least: so many are trained in any case.
        folder: for the files of jobs; exists, and workers see it.
        most_s: see `probe`.

    Raises:
        UserError: all have failed; the sentence has the first reason.
        KeyboardInterrupt: a stop was asked for; what ran is ended.
    """
    executor, stop = plan.make_executor(folder), StopSwitch()
    try:
        with stop.listening():
            found = _run(plan, genomes, least, folder, most_s, executor, stop)
    except StopNow as signal:
        raise KeyboardInterrupt from signal
    finally:
        executor.shutdown(cancel=True)  # jobs of a cluster too: nobody takes them up again
    if not found.tried:
        many = len(found.failures)
        raise UserError(f"all {many} children of the dry run failed, the first with: {found.failures[0]}")
    return found


def _run(
    plan: Plan, genomes: Sequence[Genome], least: int, folder: Path, most_s: float, executor: Any, stop: StopSwitch
) -> Trials:
    waiting, more = list(range(least)), list(range(least, len(genomes)))
    running = dict[int, tuple[Any, float]]()
    tried: list[Tried] = []
    failures: list[str] = []
    start, backoff = time.monotonic(), Backoff()
    while waiting or running:
        while waiting and len(running) < executor.slots and not backoff.left_s:
            number = waiting[0]
            submitted_s = time.monotonic() - start
            try:
                running[number] = _submit(plan, genomes, number, folder, most_s, executor, stop), submitted_s
            except SubmissionDeferred as error:
                backoff.deferred(error)
                break
            del waiting[0]
        if running:
            executor.wait([job for job, _ in running.values()], WAIT_S)
        else:
            time.sleep(min(WAIT_S, backoff.left_s))
        if stop.reason is not None:
            raise StopNow(stop.reason)
        for number, (job, submitted_s) in [item for item in running.items() if item[1][0].done()]:
            done_s = time.monotonic() - start
            del running[number]
            try:
                probed = job.result()
            except Exception as error:
                failures.append(f"{type(error).__name__}: {error}".strip().splitlines()[0])
                continue
            tried.append(Tried(genome=genomes[number], probed=probed, submitted_s=submitted_s, done_s=done_s))
            if not waiting and more and sum(one.probed.ran_s for one in tried) < most_s * executor.slots:
                waiting.append(more.pop(0))
    return Trials(tried, failures)


def _submit(
    plan: Plan, genomes: Sequence[Genome], number: int, folder: Path, most_s: float, executor: Any, stop: StopSwitch
) -> Any:
    own = folder / f"child-{number}"
    own.mkdir()
    seed = derived_seed(plan.session.seed, "dry_run", "train", number) >> 31  # 32 bits, as training seeds are
    other = genomes[(number + 1) % len(genomes)]
    arguments = (plan.evaluator, genomes[number], other, seed, own, most_s)
    if not executor.inline:
        return executor.submit(probe, *arguments, label=f"dry-run-{number}:1")
    stop.at_once = True
    try:
        return executor.submit(probe, *arguments)
    finally:
        stop.at_once = False
