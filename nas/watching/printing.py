"""What runs are at, in lines for a terminal."""

import time
from collections.abc import Sequence

from rich.table import Table

from nas.tracking.words import best, done, duration
from nas.watching.queue import Queue
from nas.watching.standing import Standing

MOST_REASONS = 8
HEAD = ("run", "state", "told", "failed", "in flight", "best", "device-hours", "last event")
CAUSES = {
    "interruption": "preempted or lost their node",
    "requeued": "were started again by the cluster",
    "lost": "ended without a result",
    "timeout": "reached their time limit after another epoch",
    "stopped": "were stopped with their driver",
}


def listing(standings: Sequence[Standing], now_s: float | None = None) -> Table:
    """A row per run; names are text, never markup."""
    now_s = time.time() if now_s is None else now_s
    table = Table(*HEAD, box=None, pad_edge=False, header_style="bold")
    for standing in standings:
        table.add_row(
            standing.folder.name.replace("[", r"\["),
            standing.state,
            done(standing.told, standing.budget.get("evaluations")),
            f"{standing.failed:,}",
            f"{len(standing.in_flight):,}",
            best(standing.best_number, standing.best),
            f"{standing.device_s / 3600:,.2f}",
            f"{duration(max(0.0, now_s - standing.last_s))} ago",
        )
    return table


def lines(standing: Standing, queue: Queue | None) -> list[str]:
    """One run, in sentences.

    Args:
        standing: of the run.
        queue: its jobs; None where there are none, or where the queue does not answer.
    """
    found = [f"{standing.folder}: {standing.state}{_driver(standing)}", _told(standing)]
    jobs = standing.jobs
    if jobs:
        found += _jobs(standing, queue)
    if standing.interrupted:
        words = (f"{count:,} {CAUSES.get(cause, cause)}" for cause, count in standing.interrupted.most_common())
        found.append(f"Attempts that began again: {', '.join(words)}")
    for reason, count in standing.reasons.most_common(MOST_REASONS):
        log = f" (log: {standing.folder / standing.logs[reason]})" if reason in standing.logs else ""
        found.append(f"{count:,} failed with {reason}{log}")
    if len(standing.reasons) > MOST_REASONS:
        found.append(f"... and for {len(standing.reasons) - MOST_REASONS} other reasons")
    found.append(_cost(standing))
    return found


def _driver(standing: Standing) -> str:
    holder = standing.holder
    return f", by process {holder.pid} on {holder.host}" if holder is not None else ""


def _told(standing: Standing) -> str:
    evaluations = standing.budget.get("evaluations")
    parts = [
        f"{done(standing.told, evaluations)} told",
        best(standing.best_number, standing.best),
        f"{standing.failed:,} failed",
        f"{len(standing.in_flight):,} in flight",
    ]
    if standing.cancelled:
        parts.append(f"{standing.cancelled:,} cancelled")
    return " · ".join(parts)


def _jobs(standing: Standing, queue: Queue | None) -> list[str]:
    jobs = standing.jobs
    launcher = next(iter(jobs.values())).launcher
    if queue is None:
        return [f"{len(jobs):,} jobs of {launcher}, but the queue does not answer"]
    num_pending = sum(map(len, queue.pending.values()))
    reasons = ", ".join(f"{len(ids):,} for {reason}" for reason, ids in queue.pending.items() if reason != "None")
    waiting = f"{num_pending:,} wait" + (f" ({reasons})" if reasons else "")
    return [f"Jobs of {launcher}: {len(queue.running):,} run, {waiting}", *queue.hopeless]


def _cost(standing: Standing) -> str:
    parts = [
        f"{standing.device_s / 3600:,.2f} device-hours",
        f"{duration(standing.elapsed_s)} of driver time in {standing.sessions} "
        f"session{'s' if standing.sessions != 1 else ''}",
    ]
    if standing.utilisation is not None:
        parts.append(f"{standing.slots} slots busy {standing.utilisation:.0%} of the time")
    if standing.state == "running" and standing.left_s is not None:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + standing.left_s))
        parts.append(f"about {duration(standing.left_s)} left, until {at}")
    return " · ".join(parts)
