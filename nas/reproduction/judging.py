"""What a measurement that was made again says of the recorded one.

Equal seeds give equal bits on one kind of CPU with the same versions and one thread; that is a promise, so a difference
there is a finding. Elsewhere the recorded fitness must lie where a further measurement would: in the prediction
interval of the fresh seeds.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nas.evaluators.base import Metrics
from nas.reproduction.asking import Asked, Asking
from nas.reproduction.measuring import Again
from nas.reproduction.words import listed
from nas.search.individual import Individual

LEVEL = 0.95  # of the prediction interval
LEAST_FRESH = 2  # seeds, for a spread


class Verdict(StrEnum):
    """Of one individual, and of the whole."""

    EQUAL = "equal to the bit"
    WITHIN = "within the noise"
    UNDECIDED = "undecided"
    OTHER = "NOT reproduced"
    FAILED = "could not be measured"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """
    Attributes:
        again: what was measured.
        verdict: see `Verdict`.
        sentence: why.
        fitness: with its own seed; None where that failed.
        changed: names of metrics, seconds apart, that are not as recorded.
        differences: phrases on how the environment differs from the recorded one.
        mean, sd: of the fresh seeds; None below one and below two of them.
        place: of the recorded fitness, in standard deviations above the mean; None where there is no spread.
        interval: where a further measurement lies with a probability of `LEVEL`; None without a spread.
    """

    again: Again
    verdict: Verdict
    sentence: str
    fitness: float | None
    changed: Sequence[str]
    differences: Sequence[str]
    mean: float | None
    sd: float | None
    place: float | None
    interval: tuple[float, float] | None


def judge(again: Again, fitness_name: str, differences: Sequence[str], is_best: bool) -> Judged:
    """Compares an individual's record with what was measured again.

    Args:
        again: what was measured.
        fitness_name: the metric that is the fitness.
        differences: see `nas.reproduction.environments.measurement_differences`.
        is_best: whether it is the search's best, which was chosen for its luck, too.
    """
    individual = again.individual
    fitness = None if again.same is None else _number(again.same.get(fitness_name))
    values = [value for value in (_number(one.get(fitness_name)) for one in again.fresh.values()) if value is not None]
    mean = statistics.fmean(values) if values else None
    sd = statistics.stdev(values) if len(values) >= LEAST_FRESH else None
    interval = None if mean is None or sd is None else prediction_interval(mean, sd, len(values))
    place = (individual.fitness - mean) / sd if individual.fitness is not None and mean is not None and sd else None
    changed = [] if again.same is None else changed_metrics(individual.metrics, again.same)
    verdict, sentence = _verdict(individual, fitness, changed, differences, again, interval, is_best)
    return Judged(
        again=again,
        verdict=verdict,
        sentence=sentence,
        fitness=fitness,
        changed=changed,
        differences=differences,
        mean=mean,
        sd=sd,
        place=place,
        interval=interval,
    )


def changed_metrics(recorded: Mapping[str, Any], again: Metrics) -> list[str]:
    """Names of metrics that both have and that are not equal; seconds are no science."""
    both = sorted(recorded.keys() & again.keys())
    return [name for name in both if not name.endswith("_s") and recorded[name] != again[name]]


def prediction_interval(mean: float, sd: float, count: int) -> tuple[float, float]:
    """Where a further value of a normal distribution lies with a probability of `LEVEL`, given `count` values."""
    from scipy import stats

    reach = float(stats.t.ppf((1 + LEVEL) / 2, count - 1)) * sd * math.sqrt(1 + 1 / count)
    return mean - reach, mean + reach


def overall(judged: Sequence[Judged], asking: Asking | None) -> tuple[Verdict, str]:
    """The whole in one word and one sentence."""
    many = len(judged)
    counts = {verdict: sum(one.verdict is verdict for one in judged) for verdict in Verdict}
    parts = [f"{count} of {many} {verdict.value}" for verdict, count in counts.items() if count]
    sentence = f"{', '.join(parts)}." if parts else ""
    if asking is not None and asking.found is Asked.OTHERWISE:
        return Verdict.OTHER, f"The journal is not what its search leads to. {sentence}".strip()
    if not judged:
        same = asking is not None and asking.found is Asked.SAME
        return (Verdict.EQUAL if same else Verdict.UNDECIDED), "No individual was measured again."
    for verdict in (Verdict.OTHER, Verdict.FAILED, Verdict.UNDECIDED, Verdict.WITHIN):
        if counts[verdict]:
            return verdict, sentence
    return Verdict.EQUAL, sentence


def _verdict(
    individual: Individual,
    fitness: float | None,
    changed: Sequence[str],
    differences: Sequence[str],
    again: Again,
    interval: tuple[float, float] | None,
    is_best: bool,
) -> tuple[Verdict, str]:
    recorded = individual.fitness
    assert recorded is not None
    if fitness is None:
        return Verdict.FAILED, "; ".join(again.problems) or "it told no fitness"
    if fitness == recorded and not changed:
        where = f"although {listed(differences, most=4)}" if differences else "in the environment that is recorded"
        return Verdict.EQUAL, f"The same seed gives the very numbers of the journal, {where}."
    what = f"The same seed gives {fitness!r}, the journal has {recorded!r}"
    if fitness == recorded:
        what = f"The same seed gives the same fitness, but not the same {', '.join(changed)}"
    if not differences and promises_bits(individual.provenance):
        return Verdict.OTHER, f"{what}, although nothing differs here that could explain it."
    why = listed(differences, most=4) if differences else "equal bits are promised for one thread of a CPU alone"
    if interval is None:
        return Verdict.UNDECIDED, f"{what}: {why}. The noise is not known, times=5 measures it."
    low, high = interval
    reach = f"fresh seeds give {low:.4f} to {high:.4f} with {LEVEL:.0%}"
    if low <= recorded <= high:
        return Verdict.WITHIN, f"{what}: {why}; {reach}."
    if is_best and recorded > high:
        return (
            Verdict.UNDECIDED,
            f"{what}: {why}; {reach}. The best of a search was chosen for its luck, too.",
        )
    return Verdict.OTHER, f"{what}: {why}, but {reach}."


def promises_bits(provenance: Mapping[str, Any]) -> bool:
    """Whether equal seeds give equal bits there: one thread of a CPU, or a look-up, which runs nowhere."""
    if not isinstance(provenance, Mapping):
        return False
    device = provenance.get("device", "cpu")
    return device == "cpu" and provenance.get("threads", 1) == 1 and provenance.get("devices", 1) == 1


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
