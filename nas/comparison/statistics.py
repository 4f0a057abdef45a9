"""Statistics that a reviewer accepts, for a few seeds per arm: exact tests, corrected for their number, and sizes.

What is made depends on the number of runs in the smaller arm of a pair:

- below 5: nothing but the difference and the effect size, and pages show neither the latter nor standard errors;
- from 5: the exact Mann-Whitney test, corrected by Holm for all pairs that have one; at 5, complete separation gives
  p = 0.008, so that more than six pairs cannot be told apart (`Pair.not_detectable` says so);
- from 6, where runs of a seed began with the same population: the exact paired Wilcoxon signed-rank test too, corrected
  by a Holm of its own. At 5 its smallest p would be 0.0625;
- from 10: a bootstrap interval of the difference.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite

from nas.comparison.bootstrap import bootstrap_interval
from nas.comparison.effects import effect_size, mean, pooled_deviation, standard_error
from nas.comparison.power import detectable_shift, least_p
from nas.comparison.significance import LEVEL, MOST_RUNS_FOR_EXACT, holm, mann_whitney, signed_rank

__all__ = [
    "LEVEL",
    "Pair",
    "bootstrap_interval",
    "compare_arms",
    "effect_size",
    "holm",
    "mann_whitney",
    "mean",
    "shown_error",
    "signed_rank",
    "standard_error",
]

LEAST_SEEDS_FOR_TESTS = 5
LEAST_SEEDS_FOR_PAIRED_TESTS = 6
LEAST_SEEDS_FOR_BOOTSTRAP = 10


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two arms, compared by one number per run. What was not made is None, and beside it stands why.

    Attributes:
        first, second: names of the arms.
        num_first, num_second: their runs.
        difference: mean of the first minus mean of the second.
        effect: probability that a run of the first has the larger number, ties half (A of Vargha and Delaney): 0.5 is
            no difference.
        interval: 95 % of the difference, by bootstrap; over seeds where the arms are paired.
        p_raw: of the two-sided Mann-Whitney test.
        p: the same, corrected by Holm.
        exact: whether `p_raw` is exact; beyond `MOST_RUNS_FOR_EXACT` runs it is the normal approximation.
        paired: whether runs of a seed began with the same population.
        paired_p_raw: of the two-sided exact Wilcoxon signed-rank test over seeds.
        paired_p: the same, corrected by a Holm of its own.
        detectable: the smallest true difference that `p` would call significant with 80 % power, at these numbers of
            runs and the standard deviation found within the arms (`nas/comparison/power.py`).
        no_interval, no_test, no_paired_test, not_detectable: why there is no `interval`, `p`, `paired_p`, `detectable`;
            a clause without a full stop.
    """

    first: str
    second: str
    num_first: int
    num_second: int
    difference: float
    effect: float
    interval: tuple[float, float] | None
    p_raw: float | None
    p: float | None
    exact: bool
    paired: bool
    paired_p_raw: float | None
    paired_p: float | None
    detectable: float | None
    no_interval: str | None
    no_test: str | None
    no_paired_test: str | None
    not_detectable: str | None

    @property
    def significant(self) -> bool:
        """By the Mann-Whitney test, corrected: the primary one."""
        return self.p is not None and self.p <= LEVEL


def compare_arms(
    values: Mapping[str, Sequence[float]], seed: int = 0, paired: Collection[tuple[str, str]] = ()
) -> list[Pair]:
    """All pairs of arms.

    Args:
        values: one finite number per run, by arm.
        seed: of the bootstrap.
        paired: pairs of arms, in either order, whose i-th runs share the seed and the initial population.
    """
    for name, own in values.items():
        assert len(own) > 0, f"the arm {name} has no value"
        assert all(map(isfinite, own)), f"the arm {name} has a value that is not finite"
    together = {frozenset(pair) for pair in paired}
    assert all(pair <= values.keys() for pair in together), "only arms that have values can be paired"
    names = list(combinations(values, 2))
    is_paired = [frozenset(pair) in together for pair in names]
    seeds = [min(len(values[first]), len(values[second])) for first, second in names]
    no_test = [_too_few(number, LEAST_SEEDS_FOR_TESTS, "tests need") for number in seeds]
    no_paired = [
        _too_few(number, LEAST_SEEDS_FOR_PAIRED_TESTS, "a paired test needs")
        if shared
        else "runs are not paired by seed"
        for number, shared in zip(seeds, is_paired, strict=True)
    ]
    raw = [
        None if reason else mann_whitney(values[a], values[b]) for (a, b), reason in zip(names, no_test, strict=True)
    ]
    paired_raw = [
        None if reason else signed_rank(values[a], values[b]) for (a, b), reason in zip(names, no_paired, strict=True)
    ]
    corrected, paired_corrected = _corrected(raw), _corrected(paired_raw)
    num_tested = sum(p is not None for p in raw)
    pairs = []
    for index, (first, second) in enumerate(names):
        left, right = values[first], values[second]
        no_interval = _too_few(seeds[index], LEAST_SEEDS_FOR_BOOTSTRAP, "an interval needs")
        interval = None if no_interval else bootstrap_interval(left, right, seed, is_paired[index])
        detectable, not_detectable = (None, no_test[index]) if no_test[index] else _detectable(left, right, num_tested)
        pairs.append(
            Pair(
                first=first,
                second=second,
                num_first=len(left),
                num_second=len(right),
                difference=mean(left) - mean(right),
                effect=effect_size(left, right),
                interval=interval,
                p_raw=raw[index],
                p=corrected[index],
                exact=len(left) + len(right) <= MOST_RUNS_FOR_EXACT,
                paired=is_paired[index],
                paired_p_raw=paired_raw[index],
                paired_p=paired_corrected[index],
                detectable=detectable,
                no_interval=no_interval,
                no_test=no_test[index],
                no_paired_test=no_paired[index],
                not_detectable=not_detectable,
            )
        )
    return pairs


def shown_error(values: Sequence[float]) -> float | None:
    """The standard error of a mean as pages show it: None below `LEAST_SEEDS_FOR_TESTS` runs."""
    return standard_error(values) if len(values) >= LEAST_SEEDS_FOR_TESTS else None


def _too_few(seeds: int, least: int, what: str) -> str | None:
    return None if seeds >= least else f"{seeds} seed{'' if seeds == 1 else 's'} per arm, {what} {least}"


def _corrected(p_values: Sequence[float | None]) -> list[float | None]:
    made = iter(holm([p for p in p_values if p is not None]))
    return [None if p is None else next(made) for p in p_values]


def _detectable(
    first: Sequence[float], second: Sequence[float], num_pairs: int
) -> tuple[float, None] | tuple[None, str]:
    shift = detectable_shift(len(first), len(second), num_pairs)
    if shift is None:
        least = least_p(len(first), len(second))
        return None, (
            f"{min(len(first), len(second))} seeds per arm are too few for {num_pairs} pairs: even complete separation "
            f"gives p = {least:.2g}, {least * num_pairs:.2g} after Holm's correction"
        )
    deviation = pooled_deviation(first, second)
    assert deviation is not None
    return (shift * deviation, None) if deviation else (None, "the runs within an arm are all equal")
