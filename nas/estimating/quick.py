"""What a search may cost, from what is known without spending anything."""

import math
from dataclasses import asdict, replace
from statistics import fmean

from nas.estimating.estimate import BOUND, FLOPS, INSTANT, JOURNAL, Estimate
from nas.estimating.plan import Plan
from nas.estimating.ranges import Range
from nas.estimating.rehearsal import rehearse
from nas.estimating.remaining import AMOUNTS, children_left

ENOUGH = 10  # children of a journal that tell what the next ones take
FEW = 100  # rehearsed children, whose mean is taken
MARGIN = 0.2  # of an estimate from a journal
FACTOR = 4.0  # an assumed rate may be so many times off


def quick_estimate(plan: Plan, kept: Estimate | None) -> Estimate:
    """The best of what is known: a dry run of just this, the children that the journal has, a dry run of this search,
    FLOPs at the rate that is assumed, limits on time. Never above what `budget.device_hours` and `budget.hours` allow.

    Args:
        plan: the search.
        kept: of a dry run of the same search on the same hardware; None without.

    Raises:
        UserError: nothing within the constraint can be drawn.
    """
    devices, spent = plan.evaluator.devices, plan.spent
    if kept is not None and (kept.budget, kept.told) == (asdict(plan.budget), spent.told):
        found = replace(kept, price_per_hour=plan.hardware.price_per_hour)
    elif spent.told >= ENOUGH:
        seconds = plan.told_device_s / spent.told / devices
        found = _of(plan, JOURNAL, f"its {spent.told:,} children so far", Range.around(seconds, MARGIN))
    elif kept is not None:
        found = _of(plan, kept.basis, kept.words, kept.child_s)
    elif plan.evaluator.is_instant:
        found = _of(plan, INSTANT, f"evaluator={plan.evaluator.name}, which trains nothing", Range(0.0, 0.0, 0.0))
    else:
        found = _assumed(plan) or _bound(plan)
    return _within_budget(plan, found)


def _assumed(plan: Plan) -> Estimate | None:
    tflops = plan.hardware.assumed_tflops
    if tflops is None:
        return None
    rehearsed = rehearse(plan.algorithm, plan.evaluator, plan.guard, plan.session.seed, FEW)
    flops = rehearsed.column("train_flops")
    if flops is None:
        return None
    devices = plan.evaluator.devices
    seconds = fmean(flops) / (tflops * 1e12) / devices
    words = f"FLOPs at hardware.assumed_tflops={tflops:g} of a device, not measured"
    amounts = {bound: fmean(column) for bound, name in AMOUNTS.items() if (column := rehearsed.column(name))}
    return _of(plan, FLOPS, words, Range.around(seconds, FACTOR - 1), amounts)


def _bound(plan: Plan) -> Estimate:
    minutes = plan.hardware.timeout_min
    words = f"hardware.timeout_min={minutes:,} for every child: no more than that, as nothing else is known"
    return _of(plan, BOUND, words, Range(minutes * 60.0, 0.0, minutes * 60.0))


def _of(plan: Plan, basis: str, words: str, child_s: Range, amounts: dict[str, float] | None = None) -> Estimate:
    devices, spent = plan.evaluator.devices, plan.spent
    if amounts is None and plan.budget.needs_cost:
        rehearsed = rehearse(plan.algorithm, plan.evaluator, plan.guard, plan.session.seed, FEW)
        amounts = {bound: fmean(column) for bound, name in AMOUNTS.items() if (column := rehearsed.column(name))}

    def many(seconds: float) -> int:
        return children_left(
            plan.budget, spent, device_s=seconds * devices, place_s=seconds, slots=plan.slots, amounts=amounts or {}
        )

    return Estimate(
        basis=basis,
        words=words,
        budget=asdict(plan.budget),
        told=spent.told,
        device_s=spent.device_s,
        elapsed_s=spent.elapsed_s,
        children=many(child_s.middle),
        slots=plan.slots,
        child_s=child_s,
        nine_of_ten=None,
        device_hours=child_s.map(lambda seconds: many(seconds) * seconds * devices / 3600),
        wall_s=None,
        price_per_hour=plan.hardware.price_per_hour,
    )


def _within_budget(plan: Plan, found: Estimate) -> Estimate:
    """Bounds on time let those in flight end, so that there may be one more child in every place."""
    devices, budget, spent = plan.evaluator.devices, plan.budget, plan.spent
    last = plan.slots * found.child_s.middle * devices / 3600
    most = math.inf
    if budget.device_hours is not None:
        most = min(most, max(0.0, budget.device_hours - spent.device_s / 3600) + last)
    if budget.hours is not None:
        most = min(most, max(0.0, budget.hours - spent.elapsed_s / 3600) * plan.slots * devices + last)
    if found.device_hours.middle <= most:
        return found
    return replace(found, device_hours=found.device_hours.map(lambda hours: min(hours, most)))
