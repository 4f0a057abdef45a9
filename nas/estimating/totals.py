"""From what was tried to what the search will cost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, quantiles

from nas.estimating import disk
from nas.estimating.estimate import DRY_RUN, Estimate
from nas.estimating.plan import Plan
from nas.estimating.probing import Trials
from nas.estimating.ranges import Range
from nas.estimating.rates import Rates, rates
from nas.estimating.rehearsal import CHANCE, CHEAPER, COSTLIER, Rehearsed
from nas.estimating.remaining import AMOUNTS, children_left
from nas.estimating.schedule import wall_s
from nas.estimating.short_search import Short

WORK = "multiply_adds"
STEADY = 0.05  # share that seconds of a machine change by from one minute to the next


@dataclass(frozen=True, kw_only=True)
class Around:
    """Seconds besides those of children in processes that have had one before.

    Attributes:
        each_s: of every child, on its devices.
        place_s: of every child, in which it holds its place and runs on no device.
        first_s: of each place's first child, on its devices.
        once_s: until a place begins its first child.
    """

    each_s: float = 0.0
    place_s: float = 0.0
    first_s: float = 0.0
    once_s: float = 0.0


def of_trials(plan: Plan, rehearsed: Mapping[str, Rehearsed], trials: Trials, work: Sequence[float] | None) -> Estimate:
    """From children that were trained in part.

    Args:
        plan: the search.
        rehearsed: children that it may still ask for, by what a made-up fitness prefers.
        trials: the training.
        work: multiply-adds of the tried children; None where they are not known.
    """
    probed = [tried.probed for tried in trials.tried]
    rate = rates([one.child_s for one in probed], work, [one.unsteady for one in probed])
    first = [tried for tried in trials.tried if tried.probed.is_first]
    others = [tried for tried in trials.tried if not tried.probed.is_first]
    begin_s = fmean(tried.probed.start_s for tried in first) if first else 0.0
    detached = plan.kind not in ("local", "slurm_packed")
    if detached:  # every child has a process of its own
        around = Around(each_s=begin_s, place_s=fmean(tried.around_s for tried in trials.tried))
    else:
        around = Around(
            place_s=fmean(tried.around_s for tried in others) if others else 0.0,
            first_s=begin_s,
            once_s=fmean(tried.begun_s for tried in first) if first else 0.0,
        )
    return _whole(
        plan,
        rehearsed,
        rate,
        around,
        memory=_memory(plan, rehearsed[CHANCE], trials),
        details=_details(trials, rate, begin_s, detached),
        nine_of_ten=None,
        journal_bytes=None,
        words=f"a dry run of {len(trials.tried)} children",
    )


def of_short_search(plan: Plan, rehearsed: Mapping[str, Rehearsed], short: Short) -> Estimate:
    """From children that were evaluated whole."""
    rate = rates(short.ran_s, None)
    return _whole(
        plan,
        rehearsed,
        rate,
        Around(place_s=max(0.0, short.child_s - rate.every_s), once_s=short.start_s),
        memory={},
        details=(f"{len(short.ran_s):,} children were evaluated in a short search, with the driver's own work",),
        nine_of_ten=_nine_of_ten(short.ran_s),
        journal_bytes=short.journal_bytes,
        words=f"a dry run of {len(short.ran_s):,} children",
    )


def _whole(
    plan: Plan,
    rehearsed: Mapping[str, Rehearsed],
    rate: Rates,
    around: Around,
    *,
    memory: Mapping[str, float],
    details: tuple[str, ...],
    nine_of_ten: tuple[float, float] | None,
    journal_bytes: float | None,
    words: str,
) -> Estimate:
    spent, devices = plan.spent, plan.evaluator.devices
    expected = rehearsed[CHANCE]

    def seconds(children: Rehearsed, times: float = 1.0) -> list[float]:
        work = children.column(WORK) or [0.0] * len(children.genomes)
        return [times * (rate.child_s(amount) + around.each_s) for amount in work]

    error = rate.error + STEADY
    middle = fmean(seconds(expected))
    child_s = Range.around(middle, error)
    columns = {bound: expected.column(metric) for bound, metric in AMOUNTS.items()}
    amounts = {bound: None if column is None else fmean(column) for bound, column in columns.items()}

    def many(child_s: float) -> int:
        return children_left(
            plan.budget,
            spent,
            device_s=child_s * devices,
            place_s=child_s + around.place_s,
            slots=plan.slots,
            amounts=amounts,
        )

    def hours(child_s: float) -> float:
        number = many(child_s)
        return (number * child_s + min(number, plan.slots) * around.first_s) * devices / 3600

    def wall(child_s: float) -> float:
        each = seconds(expected, child_s / middle if middle else 1.0)
        places = [each[place % len(each)] + around.place_s for place in range(many(child_s))]
        for place in range(min(len(places), plan.slots)):
            places[place] += around.first_s
        return around.once_s + wall_s(places, plan.slots, plan.session.order)

    children = many(middle)
    extremes = [fmean(seconds(rehearsed[name])) for name in (CHEAPER, COSTLIER) if name in rehearsed]
    typical = seconds(expected)
    parameters = expected.column("parameters")
    return Estimate(
        basis=DRY_RUN,
        words=words,
        budget=asdict(plan.budget),
        told=spent.told,
        device_s=spent.device_s,
        elapsed_s=spent.elapsed_s,
        children=children,
        slots=plan.slots,
        child_s=child_s,
        nine_of_ten=nine_of_ten or _nine_of_ten(typical, rate.spread),
        device_hours=child_s.map(hours),
        wall_s=child_s.map(wall),
        by_cost=(hours(extremes[0]), hours(extremes[1])) if len(extremes) == 2 and rate.work_s else None,
        memory=memory,
        disk=disk.disk(plan, children, expected.genomes, fmean(parameters) if parameters else 0.0, journal_bytes),
        price_per_hour=plan.hardware.price_per_hour,
        details=details,
    )


def _nine_of_ten(seconds: Sequence[float], spread: float = 0.0) -> tuple[float, float]:
    """Of children each of which may be off by the spread: five places of the bell for each."""
    shares = (1.0,) if not spread else tuple(1 + spread * place for place in (-1.28, -0.52, 0.0, 0.52, 1.28))
    cuts = quantiles([took * share for took in seconds for share in shares] * 2, n=20)
    return max(0.0, cuts[0]), cuts[-1]


def _memory(plan: Plan, rehearsed: Rehearsed, trials: Trials) -> dict[str, float]:
    probed = [tried.probed for tried in trials.tried]
    found = {"process": max(one.memory_gb for one in probed)}
    device = [one.device_gb for one in probed if one.device_gb is not None]
    if device:
        found["device"] = max(device)
    estimates = rehearsed.column("memory_gb")
    if estimates:
        found |= {"estimate": fmean(estimates), "largest": max(estimates)}
    return found


def _details(trials: Trials, rate: Rates, begin_s: float, detached: bool) -> tuple[str, ...]:
    passes = [tried.probed.passes for tried in trials.tried]
    whole = trials.tried[0].probed.all_passes
    part = "whole" if min(passes) >= whole else f"{min(passes):,} to {max(passes):,} of {whole:,} passes of each"
    process = "every child's process" if detached else "a worker"
    lines = [
        f"{len(passes)} children were trained, {part}",
        f"the first training of {process} takes {begin_s:.1f} s longer (imports, images, libraries)",
    ]
    if rate.work_s:
        lines.append(f"a child: {rate.every_s:.2f} s and {rate.work_s * 1e6:.3f} s for every million multiply-adds")
    lines += [f"a child failed: {reason}" for reason in trials.failures]
    return tuple(lines)
