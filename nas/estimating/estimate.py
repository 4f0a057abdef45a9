"""What a search is estimated to cost, as plain values that are printed, kept and compared with what was spent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from nas.errors import UserError
from nas.estimating.ranges import Range

DRY_RUN, JOURNAL, INSTANT, FLOPS, BOUND = "dry run", "journal", "instant", "FLOPs", "bound"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Of what is left of a search.

    Attributes:
        basis: "dry run" (children were tried), "journal" (of this search's own children), "instant" (look-ups),
            "FLOPs" (at a rate that is assumed) or "bound" (no more than that).
        words: the basis in a sentence's part.
        budget: that it is of.
        told: children before it.
        device_s: that were spent before it.
        elapsed_s: of the driver before it.
        children: that are left.
        slots: children at once.
        child_s: seconds of a child, on average.
        nine_of_ten: seconds between which nine of ten children are.
        device_hours: of all children.
        wall_s: of the driver's clock; None where it is not known.
        by_cost: device-hours if evolution always preferred the cheaper children, and the costlier; None where it is
            not known.
        memory: in GiB: "process" and "device" as measured, "estimate" and "largest" as the constraint counts them.
        disk: bytes by what they are.
        price_per_hour: of one device; None where nobody said.
        details: lines about how it was made.
    """

    basis: str
    words: str
    budget: Mapping[str, float | None]
    told: int
    device_s: float
    elapsed_s: float
    children: int
    slots: int
    child_s: Range
    nine_of_ten: tuple[float, float] | None
    device_hours: Range
    wall_s: Range | None
    by_cost: tuple[float, float] | None = None
    memory: Mapping[str, float] = field(default_factory=dict)
    disk: Mapping[str, float] = field(default_factory=dict)
    price_per_hour: float | None = None
    details: tuple[str, ...] = ()

    @property
    def money(self) -> Range | None:
        """In the currency of the price."""
        price = self.price_per_hour
        return None if price is None else self.device_hours.map(lambda hours: hours * price)

    def plain(self) -> dict[str, Any]:
        values = asdict(self)
        for name in ("child_s", "device_hours", "wall_s"):
            found = getattr(self, name)
            values[name] = None if found is None else found.plain()
        return values

    @classmethod
    def read(cls, plain: Any) -> "Estimate":
        """The inverse of `plain`.

        Raises:
            UserError: it is none.
        """
        try:
            found = cls(**{one.name: plain[one.name] for one in fields(cls)})
            read = replace(
                found,
                child_s=Range.read(found.child_s),
                device_hours=Range.read(found.device_hours),
                wall_s=None if found.wall_s is None else Range.read(found.wall_s),
                details=tuple(map(str, found.details)),
                nine_of_ten=_pair(found.nine_of_ten),
                by_cost=_pair(found.by_cost),
            )
            _ = (int(read.told), int(read.children), float(read.device_s), dict(read.budget), str(read.words))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UserError(f"this is no estimate of nas ({type(error).__name__}: {error})") from error
        return read


def amount(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _pair(values: Sequence[float] | None) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))
