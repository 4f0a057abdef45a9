"""What the arms of a comparison reach in each of its contexts (as arXiv 1802.01548, figure C-1, over dimensions)."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.comparison.results import Context
from nas.comparison.statistics import mean, shown_error


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextMeansFigure:
    """
    Attributes:
        measure: what the means are of.
        contexts: names.
        arms: names; the place of an arm decides its colour.
        means: by arm, one for each context.
        errors: standard errors of the means; None for one run.
    """

    measure: str
    contexts: Sequence[str]
    arms: Sequence[str]
    means: Sequence[Sequence[float]]
    errors: Sequence[Sequence[float | None]]


def context_means_figure(contexts: Sequence[Context]) -> ContextMeansFigure:
    """The figure of the final judgements."""
    finals = [context.final for context in contexts]
    arms = list(finals[0].values)
    return ContextMeansFigure(
        measure=finals[0].measure,
        contexts=[context.name for context in contexts],
        arms=arms,
        means=[[mean(final.values[arm]) for final in finals] for arm in arms],
        errors=[[shown_error(final.values[arm]) for final in finals] for arm in arms],
    )
