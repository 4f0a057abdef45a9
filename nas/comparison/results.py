"""What a comparison found: arms judged at equal evaluations and at equal training FLOPs, and whether both agree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from nas.comparison.curves import MEASURES
from nas.comparison.finals import Reference
from nas.comparison.noise import SelectionGap
from nas.comparison.runs import Run, share_initial_population
from nas.comparison.statistics import Pair, compare_arms, mean, shown_error

Arms = Mapping[str, Sequence[Run]]
BUDGET = "budget"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What was decided before the results; see `Study`."""

    primary: str
    top_k: int
    checkpoints: Sequence[int] = ()
    threshold: float | None = None
    published: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """All arms by one number per run, at a moment that is the same for all.

    Attributes:
        axis: what was spent, a name in `AXES`; or `BUDGET`, where searches of equal budgets told different numbers.
        spent: how much of it; infinite for the whole budget.
        measure: what is compared, see `Study.primary`.
        values: one number per run, by arm, in the order of the seeds.
        pairs: statistics of all pairs of arms.
    """

    axis: str
    spent: float
    measure: str
    values: Mapping[str, Sequence[float]]
    pairs: Sequence[Pair]

    @property
    def ranking(self) -> list[str]:
        """The arms by their means, best first."""
        return sorted(self.values, key=lambda arm: -mean(self.values[arm]))


@dataclass(frozen=True, kw_only=True)
class Context:
    """Arms under the same conditions.

    Attributes:
        name: of the context.
        arms: runs by arm, in the order of the seeds.
        references: architectures that no search found, to hold the arms against.
        final: the judgement when every search had used its budget; conclusions are drawn from it.
        equal_evaluations: that at equal evaluations, which is `final` where the budget is in evaluations.
        equal_flops: that at equal training FLOPs; None where they are not known.
        checkpoints: those at the study's checkpoints.
        disagreements: a sentence for each pair that two of these judge differently.
    """

    name: str
    arms: Arms
    references: Sequence[Reference]
    final: Judgement
    equal_evaluations: Judgement
    equal_flops: Judgement | None
    checkpoints: Sequence[Judgement]
    disagreements: Sequence[str]

    @property
    def sampled(self) -> Sequence[Run]:
        """The runs that say best what one random draw finds: those of the arm that drew most; empty if none did."""
        most = max(self.arms.values(), key=lambda runs: sum(run.random_share * run.asked for run in runs))
        return [run for run in most if run.sampled is not None]

    @property
    def runs(self) -> list[Run]:
        """Of all arms."""
        return [run for runs in self.arms.values() for run in runs]

    @property
    def judgements(self) -> list[Judgement]:
        """At the end of the budget, at equal evaluations, at equal training FLOPs: those that there are, once each."""
        others = (self.equal_evaluations, self.equal_flops)
        return [self.final, *(one for one in others if one is not None and one is not self.final)]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that the page, the tables and the checklist are made from.

    Attributes:
        title: of the page: the study's name.
        settings: what was decided before.
        contexts: in the study's order.
        warnings: what makes the comparison weaker, a sentence each.
        study: what the study file says (`study_file`); None for searches that were run one by one.
        tuning: what `tuning.json` says; None where every arm has its published values.
        failures: why searches of the study did not end well, by folder.
        noise: the best of every run measured again, by context and arm; None where that was not asked for.
    """

    title: str
    settings: Settings
    contexts: Sequence[Context]
    warnings: Sequence[str] = ()
    study: Mapping[str, Any] | None = None
    tuning: Mapping[str, Any] | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    noise: Mapping[str, Mapping[str, SelectionGap]] | None = None


def make_context(name: str, arms: Arms, settings: Settings, known: Sequence[Reference] = ()) -> Context:
    """Judges the arms.

    Args:
        known: its references.
    """
    at_any_time = settings.primary if settings.primary in MEASURES else "best"
    shared = common(arms, "evaluations")
    same_length = all(len(run.curve.best) == shared for runs in arms.values() for run in runs)
    final = judge(arms, settings.primary, "evaluations" if same_length else BUDGET)
    equal_evaluations = final if same_length else judge(arms, at_any_time, "evaluations")
    equal_flops = judge(arms, at_any_time, "train_flops") if _has_equal_flops(arms) else None
    others = [one for one in (equal_evaluations, equal_flops) if one is not None and one is not final]
    return Context(
        name=name,
        arms=arms,
        references=known,
        final=final,
        equal_evaluations=equal_evaluations,
        equal_flops=equal_flops,
        checkpoints=[
            judge(arms, at_any_time, "evaluations", point) for point in settings.checkpoints if point < shared
        ],
        disagreements=[sentence for other in others for sentence in disagreements(final, other)],
    )


def judge(arms: Arms, measure: str, axis: str, spent: float | None = None) -> Judgement:
    """Compares arms by a measure when every run had spent the same.

    Args:
        measure: a name in `MEASURES`; or, at the end, "area" or "population".
        axis: a name in `AXES` that all runs have, or `BUDGET`.
        spent: how much; None takes the most that every run had spent.
    """
    if spent is None:
        spent = math.inf if axis == BUDGET else common(arms, axis)
    values = {
        arm: [run.value(measure, "evaluations" if axis == BUDGET else axis, spent) for run in runs]
        for arm, runs in arms.items()
    }
    return Judgement(
        axis=axis, spent=spent, measure=measure, values=values, pairs=compare_arms(values, paired=paired_arms(arms))
    )


def common(arms: Arms, axis: str) -> float:
    """The most that every run had spent."""
    return min(float(run.curve.axes[axis][-1]) for runs in arms.values() for run in runs)


def paired_arms(arms: Arms) -> set[tuple[str, str]]:
    """Pairs of arms with the same seeds, whose runs of the same seed began with the same population."""
    return {
        (first, second)
        for first, second in combinations(arms, 2)
        if len(arms[first]) == len(arms[second])
        and all(
            left.seed == right.seed and share_initial_population(left, right)
            for left, right in zip(arms[first], arms[second], strict=True)
        )
    }


def disagreements(first: Judgement, second: Judgement) -> list[str]:
    """A sentence for each pair of arms about which two judgements say different things."""
    sentences = []
    for left, right in zip(first.pairs, second.pairs, strict=True):
        verdicts = [verdict(pair) for pair in (left, right)]
        if verdicts[0] != verdicts[1]:
            moments = [moment(judgement) for judgement in (first, second)]
            later = moments[1][0].lower() + moments[1][1:]
            sentences.append(f"{moments[0]}, {verdicts[0]}; {later}, {verdicts[1]}.")
    return sentences


def verdict(pair: Pair) -> str:
    """A pair in words: a winner where the test says so, else by how much the means differ."""
    better, worse = (pair.first, pair.second) if pair.difference > 0 else (pair.second, pair.first)
    if pair.p is None:
        return f"the mean of {better} is above that of {worse}" if pair.difference else f"{better} equals {worse}"
    return f"{better} beats {worse}" if pair.significant else f"{pair.first} and {pair.second} cannot be told apart"


def undetectable(judgement: Judgement) -> list[str]:
    """A sentence for each reason why tests that were made could have found nothing, whatever the difference."""
    reasons = dict.fromkeys(pair.not_detectable for pair in judgement.pairs if pair.p is not None)
    return [f"No difference could have been told: {reason}." for reason in reasons if reason is not None]


def against_published(context: Context, published: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each published ordering of a context: reproduced, contradicted, or not resolved by these seeds."""
    sentences, judgement = [], context.final
    for ordering in published:
        if context.name not in ordering.get("contexts", [context.name]):
            continue
        better, worse = ordering["better"], ordering["worse"]
        pair = next(pair for pair in judgement.pairs if {pair.first, pair.second} == {better, worse})
        as_published = (pair.difference > 0) == (pair.first == better)
        found = "is not resolved by these seeds"
        if pair.significant:
            found = "is reproduced" if as_published else "is contradicted"
        means = (
            f"{better} {mean_and_error(judgement.values[better])}, {worse} {mean_and_error(judgement.values[worse])}"
        )
        tested = f", p = {pair.p:.2g}" if pair.p is not None else ""
        sentences.append(f"{better} above {worse} ({ordering['source']}) {found}: {means}{tested}.")
    return sentences


def moment(judgement: Judgement) -> str:
    """When a judgement was made, in words."""
    if judgement.axis == BUDGET:
        return "At the end of the budget"
    words = {"evaluations": "{:,.0f} evaluations", "time_s": "{:,.0f} seconds", "train_flops": "{:.3g} training FLOPs"}
    return f"After {words[judgement.axis].format(judgement.spent)}"


def mean_and_error(values: Sequence[float]) -> str:
    """Mean ± standard error, the latter from five runs on."""
    error = shown_error(values)
    return f"{mean(values):.4f}" + ("" if error is None else f" ± {error:.4f}")


def _has_equal_flops(arms: Arms) -> bool:
    """Whether training FLOPs are known, and every run had told something by the most that all had spent."""
    curves = [run.curve for runs in arms.values() for run in runs]
    if not all("train_flops" in curve.axes for curve in curves):
        return False
    return max(curve.axes["train_flops"][0] for curve in curves) <= common(arms, "train_flops")
