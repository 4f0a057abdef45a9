"""A value that is estimated, with how far it may be off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nas.errors import UserError


@dataclass(frozen=True, slots=True)
class Range:
    """
    Attributes:
        middle: the estimate.
        low, high: the ends of its interval.
    """

    middle: float
    low: float
    high: float

    @classmethod
    def around(cls, middle: float, share: float) -> "Range":
        """An interval as long on the logarithmic scale to both sides: a share of 1 is from a half to the double."""
        return cls(middle, middle / (1 + share), middle * (1 + share))

    def map(self, function: Callable[[float], float]) -> "Range":
        """What follows from it by a function that grows."""
        return Range(function(self.middle), function(self.low), function(self.high))

    def plain(self) -> list[float]:
        return [self.middle, self.low, self.high]

    @classmethod
    def read(cls, plain: Any) -> "Range":
        """The inverse of `plain`.

        Raises:
            UserError: it is none.
        """
        numbers = plain if isinstance(plain, list) else []
        if len(numbers) != 3 or not all(type(value) in (int, float) for value in numbers):
            raise UserError(f"{plain!r} is no estimate with its interval")
        return cls(*map(float, numbers))
