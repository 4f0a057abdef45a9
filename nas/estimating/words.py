"""An estimate as lines for a terminal."""

from nas.estimating.estimate import Estimate, amount
from nas.estimating.ranges import Range
from nas.reporting import labels

GIB = 2**30
_MEMORY = {
    "process": "of a process, data and libraries included",
    "device": "of its GPU",
    "estimate": "estimated for a mean child's training alone",
    "largest": "for the largest",
}
DRIFT = "evolution visits other children than these, and the interval does not hold that"


def lines(estimate: Estimate) -> list[str]:
    """The costs one by one, then how they were found."""
    child, places = estimate.child_s, estimate.slots
    more = "" if not estimate.told else f", after {estimate.told:,} that are told"
    found = [
        f"{labels.plural(estimate.children, 'child').replace('childs', 'children')}{more}, {places} at once; 95 % "
        "intervals in parentheses",
        _row("seconds per child", f"{_amounts(child)}{_nine_of_ten(estimate)}"),
        _row("device-hours", f"{_amounts(estimate.device_hours)}{_by_cost(estimate)}"),
    ]
    if estimate.wall_s is not None:
        wall = estimate.wall_s
        interval = f"({labels.duration(wall.low)} to {labels.duration(wall.high)})"
        found.append(_row("wall time", f"{labels.duration(wall.middle)} {interval}, of the driver's clock"))
    known = {name: words for name, words in _MEMORY.items() if name in estimate.memory}
    memory = [f"{_bytes(estimate.memory[name] * GIB)} {words}" for name, words in known.items()]
    if memory:
        found.append(_row("memory", "; ".join(memory)))
    if estimate.disk:
        parts = ", ".join(f"{name} {_bytes(size)}" for name, size in estimate.disk.items())
        found.append(_row("disk", f"{_bytes(sum(estimate.disk.values()))}: {parts}"))
    money = estimate.money
    if money is not None:
        found.append(_row("money", f"{_amounts(money)} at {estimate.price_per_hour:g} for a device-hour"))
    found += [f"  {detail}" for detail in estimate.details]
    found.append(f"  {DRIFT}")
    return found


def _row(name: str, text: str) -> str:
    return f"  {name:<18} {text}"


def _amounts(value: Range) -> str:
    return f"{amount(value.middle)} ({amount(value.low)} to {amount(value.high)})"


def _nine_of_ten(estimate: Estimate) -> str:
    if estimate.nine_of_ten is None:
        return ""
    low, high = (amount(value) for value in estimate.nine_of_ten)
    return f"; nine of ten take {low} to {high}"


def _by_cost(estimate: Estimate) -> str:
    if estimate.by_cost is None:
        return ""
    low, high = (amount(value) for value in estimate.by_cost)
    return f"; {low} if evolution always preferred the cheaper children, {high} if the costlier"


def _bytes(size: float) -> str:
    text = labels.quantity(float(size))
    return f"{text}B" if text[-1].isalpha() else f"{text} bytes"
