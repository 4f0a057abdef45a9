"""What the search was estimated to cost when it began, beside what it has cost."""

from dataclasses import dataclass

from nas.estimating.estimate import BOUND, Estimate
from nas.estimating.kept import known
from nas.reporting.material import Material


@dataclass(frozen=True, slots=True)
class Compared:
    """
    Attributes:
        estimate: the last one, of what was left when it was made.
        device_s: that were spent since.
        elapsed_s: of the driver since.
        told: children since.
    """

    estimate: Estimate
    device_s: float
    elapsed_s: float
    told: int

    @property
    def is_bound(self) -> bool:
        """Whether nothing but an upper bound was known."""
        return self.estimate.basis == BOUND

    @property
    def device_ratio(self) -> float | None:
        """Spent by estimated, at the children that were told; None where there are none."""
        middle, children = self.estimate.device_hours.middle, self.estimate.children
        if not (middle and children and self.told):
            return None
        return self.device_s / 3600 / (middle * self.told / children)

    @property
    def wall_ratio(self) -> float | None:
        """Likewise of the driver's time; None where it was not estimated, or not all children are told."""
        wall_s = self.estimate.wall_s
        if wall_s is None or not wall_s.middle or self.told != self.estimate.children:
            return None
        return self.elapsed_s / wall_s.middle


def compared(material: Material) -> Compared | None:
    """None where no estimate was known."""
    history = material.history
    estimates = known(history.path.parent).estimates
    if not estimates:
        return None
    last = estimates[-1]
    return Compared(
        estimate=last,
        device_s=sum(individual.device_s for individual in history.individuals) - last.device_s,
        elapsed_s=history.elapsed_s - last.elapsed_s,
        told=len(material.told) - last.told,
    )
