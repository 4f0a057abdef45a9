"""Progress in the words of a terminal."""

from nas.tracking.base import Context, Progress
from nas.tracking.rate import Rate


def duration(seconds: float) -> str:
    """Hours, minutes and seconds: 7384 -> "2:03:04"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def pace(per_hour: float | None) -> str:
    """Evaluations per hour, or per second where they are many."""
    if per_hour is None:
        return ""
    return (
        f"{per_hour / 3600:,.0f}/s"
        if per_hour >= 36_000
        else f"{per_hour:,.0f}/h"
        if per_hour >= 10
        else f"{per_hour:.1f}/h"
    )


def done(told: int, evaluations: int | None) -> str:
    return f"{told:,}/{evaluations:,}" if evaluations is not None else f"{told:,}"


def best(number: int | None, fitness: float | None) -> str:
    return "no fitness yet" if number is None or fitness is None else f"best {fitness:.4f} (#{number})"


def line(context: Context, progress: Progress, rate: Rate) -> str:
    """Where the search stands, in one line."""
    left = rate.left_s(progress)
    parts = [
        f"{done(progress.told, context.evaluations)} told",
        best(progress.best_number, progress.best_fitness),
        pace(rate.per_hour(progress.told)),
        f"{progress.failed:,} failed" if progress.failed else "",
        f"{duration(left)} left" if left is not None and progress.budget_fraction != 1.0 else "",
    ]
    return " · ".join(filter(None, parts))
