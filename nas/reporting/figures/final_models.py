"""The best models of every search: what they reach, and what a forward pass costs (arXiv 1802.01548, figure 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.comparison.results import Arms

FLOPS_PER_MULTIPLY_ADD = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmModels:
    """
    Attributes:
        name: of the arm.
        place: among all arms, from 0; it decides the colour.
        points: FLOPs of a forward pass and accuracy, of the best of every run.
    """

    name: str
    place: int
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelsFigure:
    """
    Attributes:
        tested: whether the accuracies are those on test; else those on validation, which the models were chosen by.
        top_k: how many of every run's best are shown.
        arms: in the comparison's order.
    """

    tested: bool
    top_k: int
    arms: Sequence[ArmModels]


def models_figure(arms: Arms, top_k: int) -> ModelsFigure | None:
    """The figure; None where the cost of a model is not known."""
    finals = [final for runs in arms.values() for run in runs for final in run.top]
    if any(final.multiply_adds is None for final in finals):
        return None
    tested = all(final.test is not None for final in finals)
    return ModelsFigure(
        tested=tested,
        top_k=top_k,
        arms=[
            ArmModels(
                name=name,
                place=place,
                points=[
                    (
                        float(FLOPS_PER_MULTIPLY_ADD * (final.multiply_adds or 0)),
                        final.test if tested and final.test is not None else final.valid,
                    )
                    for run in runs
                    for final in run.top
                ],
            )
            for place, (name, runs) in enumerate(arms.items())
        ],
    )
