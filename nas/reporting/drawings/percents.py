"""An axis of shares from nothing to all."""

from nas.reporting.drawings.axis import Axis
from nas.reporting.labels import percent


class Percents(Axis):
    """Its labels are percents."""

    def label(self, tick: float) -> str:
        return percent(tick)


PERCENTS = Percents(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), 2)
