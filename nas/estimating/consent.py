"""A search on a cluster that will cost much begins only with somebody's consent, and asks for it once."""

import math
from collections.abc import Mapping
from typing import Any

from nas.errors import UserError
from nas.estimating.estimate import BOUND, Estimate, amount
from nas.estimating.kept import Known
from nas.estimating.plan import Plan


def read_limit(value: Any) -> float | None:
    """`budget.confirm_device_hours`.

    Raises:
        UserError: it is no number of at least 0, nor None.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise UserError(f"budget.confirm_device_hours is {value!r}, it must be at least 0, or null, which never asks")
    return float(value)


def check_consent(plan: Plan, estimate: Estimate, limit: float | None, given: bool, before: Known) -> bool:
    """Whether the session's budget is consented to, above the limit; False where nobody needs to be asked.

    Args:
        plan: the search.
        estimate: of what is left of it.
        limit: device-hours.
        given: whether the command says yes.
        before: what the run folder knows.

    Raises:
        UserError: it is estimated to cost more, and nobody agreed to it.
    """
    if limit is None or not plan.on_cluster or estimate.device_hours.middle <= limit:
        return False
    if given or covers(before.consented, estimate.budget):
        return True
    takes = "may take up to" if estimate.basis == BOUND else "is estimated to take"
    left = f"what is left of {plan.folder.name}" if plan.spent.told else "this search"
    raise UserError(
        f"{left} {takes} {amount(estimate.device_hours.middle)} device-hours ({estimate.children:,} children, from "
        f"{estimate.words}), more than budget.confirm_device_hours={limit:g}: yes=true starts it, dry_run=true "
        "measures what it will take"
    )


def covers(consented: Mapping[str, float | None] | None, budget: Mapping[str, float | None]) -> bool:
    """Whether a budget is no larger than the one that was agreed to, in every bound that this had."""
    if consented is None:
        return False
    bounds = {name: bound for name, bound in consented.items() if bound is not None}
    return bool(bounds) and all(
        (now := budget.get(name)) is not None and now <= bound for name, bound in bounds.items()
    )
