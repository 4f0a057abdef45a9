"""From the seconds of children to those of the search: how they fall into the places where they run."""

import heapq
from collections.abc import Sequence


def wall_s(children_s: Sequence[float], slots: int, order: str) -> float:
    """When the last child is told.

    Args:
        children_s: seconds that each holds its place, in the order of asking.
        slots: places.
        order: "completion": a place that is free takes the next child; "number": a child is only asked for once the
            one `slots` before it is told, and all are told in the order of asking.
    """
    if order == "number":
        told: list[float] = []
        for place, seconds in enumerate(children_s):
            begins = told[place - slots] if place >= slots else 0.0
            told.append(max(begins + seconds, told[-1] if told else 0.0))
        return told[-1] if told else 0.0
    free = [0.0] * slots
    for seconds in children_s:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)
