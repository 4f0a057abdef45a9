"""Units of an axis, so that its ticks are short numbers."""

from dataclasses import dataclass

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_SECONDS, _MOST_HOURS = 20_000, 200


@dataclass(frozen=True, slots=True)
class Unit:
    """A value is divided by `size` to be shown under `name`."""

    size: float
    name: str


def unit(axis: str, largest: float, simulated: bool = False) -> Unit:
    """The unit of an axis of a comparison.

    Args:
        axis: a name in `nas.search.spending.AXES`, or "flops".
        largest: value on it.
        simulated: seconds are those of a benchmark's trainings.
    """
    if axis == "time_s":
        size, name = next(
            (size, name)
            for most, size, name in (
                (_MOST_SECONDS, 1, "seconds"),
                (_MOST_HOURS * 3600, 3600, "hours"),
                (float("inf"), 86400, "days"),
            )
            if largest <= most
        )
        return Unit(size, f"simulated {name}" if simulated else name)
    if axis == "evaluations":
        return Unit(1, "evaluations")
    name = "training FLOPs" if axis == "train_flops" else "FLOPs of a forward pass"
    power = 0
    while largest / 10 ** (power + 3) >= 1:
        power += 3
    return Unit(10.0**power, f"{name}, ×10{str(power).translate(_SUPERSCRIPTS)}" if power else name)
