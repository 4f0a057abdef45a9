"""A search that nobody works on any more, as a tracker is shown it."""

from pathlib import Path

from nas.search.history import History
from nas.search.individual import State
from nas.tracking.base import Context, Progress, Summary

OPEN_END = "unfinished"


def context_of(history: History) -> Context:
    """The search as a session would begin that adds nothing to its journal."""
    best, folder = history.best, history.path.parent
    return Context(
        run=folder.absolute().name,
        folder=Path(folder),
        identity=history.identity,
        told=len(history.told_order),
        failed=_failed(history),
        best_number=best.number if best else None,
        best_fitness=best.fitness if best else None,
    )


def summary_of(history: History) -> Summary:
    """How its last session ended; "unfinished" where that was killed."""
    context = context_of(history)
    progress = Progress(
        told=context.told,
        failed=context.failed,
        in_flight=sum(individual.state is State.PENDING for individual in history.individuals),
        budget_fraction=None,
        best_number=context.best_number,
        best_fitness=context.best_fitness,
        elapsed_s=history.elapsed_s,
    )
    return Summary(reason=OPEN_END if history.closed is None else str(history.closed["reason"]), progress=progress)


def _failed(history: History) -> int:
    return sum(individual.state is State.FAILED for individual in history.individuals)
