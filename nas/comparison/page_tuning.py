"""What a comparison's page says about tuning: grid, choice, sensitivity and cost of every arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.comparison.page_tables import NONE, Table
from nas.comparison.results import Comparison, mean_and_error
from nas.reporting import labels


@dataclass(frozen=True, kw_only=True)
class TunedArm:
    """
    Attributes:
        name: of the arm.
        chosen: its overrides.
        sensitivity: highest minus lowest mean of its candidates; None for one.
        cost: what all its tuning searches took, in words.
        table: of the candidates.
    """

    name: str
    chosen: str
    sensitivity: float | None
    cost: str
    table: Table


def tuned_arms(comparison: Comparison) -> list[TunedArm]:
    """The arms that have a grid."""
    if comparison.tuning is None:
        return []
    return [_arm(name, own) for name, own in comparison.tuning["arms"].items()]


def _arm(name: str, own: Mapping[str, Any]) -> TunedArm:
    candidates: Sequence[Mapping[str, Any]] = own["candidates"]
    means = [candidate["mean"] for candidate in candidates if candidate["mean"] is not None]
    flops = [candidate["train_flops"] for candidate in candidates if candidate["train_flops"] is not None]
    device = sum(candidate["device_s"] for candidate in candidates)
    searches = sum(len(candidate["seeds"]) for candidate in candidates)
    cost = f"{searches} searches, {labels.duration(device)} of devices"
    rows = [
        [
            " ".join(candidate["overrides"]),
            _seeds(candidate["seeds"]),
            mean_and_error(candidate["values"]) if candidate["mean"] is not None else "a search failed",
            NONE if candidate["train_flops"] is None else f"{candidate['train_flops']:.3g}",
            labels.duration(candidate["device_s"]),
            "chosen" if candidate["overrides"] == own["chosen"] else "",
        ]
        for candidate in candidates
    ]
    return TunedArm(
        name=name,
        chosen=" ".join(own["chosen"]),
        sensitivity=max(means) - min(means) if len(means) > 1 else None,
        cost=cost + (f", {sum(flops):.3g} training FLOPs" if flops else ""),
        table=Table(
            title=f"Candidates of {name}",
            head=["candidate", "seeds", "mean ± standard error", "training FLOPs", "device time", ""],
            rows=rows,
        ),
    )


def _seeds(seeds: Sequence[int]) -> str:
    return str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
