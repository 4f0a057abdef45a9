"""The budget: how much a search may spend, exactly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from nas.errors import UserError


class Reserved(NamedTuple):
    """What one child will cost, known before it starts; see `Spent`."""

    examples: float = 0.0
    flops: float = 0.0
    simulated_s: float = 0.0


NOTHING = Reserved()
_METRICS = {"examples": "train_examples", "flops": "train_flops", "simulated_s": "simulated_s"}


@dataclass(slots=True)
class Spent:
    """What a search has spent and reserved.

    Attributes:
        told: evaluations whose result is known.
        in_flight: children that were asked and are not finished.
        examples, flops: training examples and FLOPs (1 multiply-add = 2 FLOPs, training = 3 x forward) of told children
            and of those in flight; known in closed form before a child starts, and only kept up when budgeted.
        simulated_s: seconds that look-ups in a table stand for; reserved and kept up in the same way.
        device_s: device-seconds of every attempt.
        elapsed_s: the driver's monotonic time over all sessions.
    """

    told: int = 0
    in_flight: int = 0
    examples: float = 0.0
    flops: float = 0.0
    simulated_s: float = 0.0
    device_s: float = 0.0
    elapsed_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Upper bounds; None is unlimited, and at least one is set.

    Not part of a search's identity: a larger budget extends it.

    Attributes:
        evaluations: told children; failed and interrupted ones do not count. Never overshot: a child is only asked
            while told + in flight is below it.
        hours: of the driver, over all sessions. Children in flight are still awaited.
        device_hours: of every attempt, also failed and interrupted ones.
        examples: training examples, reserved when a child is asked.
        flops: training FLOPs, reserved when a child is asked.
        simulated_s: seconds that look-ups in a table stand for, reserved when a child is asked.

    Of those that are reserved, the first child that does not fit ends the search.
    """

    evaluations: int | None = None
    hours: float | None = None
    device_hours: float | None = None
    examples: float | None = None
    flops: float | None = None
    simulated_s: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise UserError(f"budget.{field.name} is {value!r}, it must be greater than 0, and finite")
            if field.name == "evaluations" and value != int(value):
                raise UserError(f"budget.evaluations is {value!r}, it must be a whole number")
        if all(getattr(self, field.name) is None for field in fields(self)):
            names = ", ".join(f"budget.{field.name}" for field in fields(self))
            raise UserError(f"the search has no budget: set at least one of {names}")

    @property
    def needs_cost(self) -> bool:
        """Whether a child's closed-form cost must be known before it is asked."""
        return any(getattr(self, name) is not None for name in Reserved._fields)

    def refuse_unknown(self, cost: Mapping[str, Any], evaluator: str) -> None:
        """Refuses a bound on what no child would ever add to: such a search would not end.

        Args:
            cost: what the evaluator knows of some genome before it is evaluated.
            evaluator: its name.

        Raises:
            UserError: the evaluator does not know what is bounded.
        """
        for name, metric in _METRICS.items():
            bound = getattr(self, name)
            if bound is not None and metric not in cost:
                raise UserError(
                    f"budget.{name} is {bound}, but evaluator={evaluator} does not know that of a child before it "
                    f"evaluates it; budget.evaluations and budget.hours bound any search"
                )

    def allows(self, spent: Spent, child: Reserved = NOTHING) -> bool:
        """Whether one more child of that cost may be asked."""
        return (
            (self.evaluations is None or spent.told + spent.in_flight < self.evaluations)
            and (self.hours is None or spent.elapsed_s < self.hours * 3600)
            and (self.device_hours is None or spent.device_s < self.device_hours * 3600)
            and (self.examples is None or spent.examples + child.examples <= self.examples)
            and (self.flops is None or spent.flops + child.flops <= self.flops)
            and (self.simulated_s is None or spent.simulated_s + child.simulated_s <= self.simulated_s)
        )

    def fraction(self, spent: Spent) -> float:
        """The share of the budget that is used, by the bound that is closest to being reached: 0 to 1."""
        used = [
            (spent.told, self.evaluations),
            (spent.elapsed_s / 3600, self.hours),
            (spent.device_s / 3600, self.device_hours),
            (spent.examples, self.examples),
            (spent.flops, self.flops),
            (spent.simulated_s, self.simulated_s),
        ]
        return min(1.0, max(part / whole for part, whole in used if whole is not None))
