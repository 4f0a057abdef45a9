"""How many children are left in a budget, once it is known what one costs."""

import math
from collections.abc import Mapping

from nas.search.budget import Budget, Spent

AMOUNTS = {"flops": "train_flops", "examples": "train_examples", "simulated_s": "simulated_s"}  # by what bounds them


def children_left(
    budget: Budget, spent: Spent, *, device_s: float, place_s: float, slots: int, amounts: Mapping[str, float | None]
) -> int:
    """By the bound that is reached first. Bounds on time let those in flight end.

    Args:
        budget: of the search.
        spent: before.
        device_s: device-seconds of a child.
        place_s: seconds that it holds its place.
        slots: places.
        amounts: what a child has of everything in `AMOUNTS`; None where it is not known.
    """
    left: list[float] = []
    if budget.evaluations is not None:
        left.append(budget.evaluations - spent.told)
    if budget.hours is not None:
        left.append(_until(budget.hours * 3600 - spent.elapsed_s, place_s / slots, slots))
    if budget.device_hours is not None:
        left.append(_until(budget.device_hours * 3600 - spent.device_s, device_s, slots))
    for name in AMOUNTS:
        bound, amount = getattr(budget, name), amounts.get(name)
        if bound is not None and amount:
            left.append(math.floor((bound - getattr(spent, name)) / amount))
    finite = [many for many in left if many < math.inf]
    return max(0, int(min(finite, default=0)))


def _until(seconds: float, each_s: float, slots: int) -> float:
    return math.inf if each_s <= 0 else math.ceil(max(0.0, seconds) / each_s) + slots - 1
