"""What a comparison found, as lines for a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from nas.comparison.noise import Estimate, SelectionGap, compare_gaps
from nas.comparison.results import Comparison, Context, against_published, mean_and_error, moment, undetectable
from nas.comparison.runs import Run
from nas.comparison.statistics import Pair
from nas.comparison.study import ONLY


def summary(comparison: Comparison) -> str:
    """A table per context, the statistics of all pairs, and where both kinds of equality disagree."""
    runs = sum(len(own) for context in comparison.contexts for own in context.arms.values())
    k = comparison.settings.top_k
    lines = [f"{runs} searches. Mean ± standard error over seeds, from five on; top: mean of the {k} best."]
    for context in comparison.contexts:
        lines += [] if context.name == ONLY else ["", f"{context.name}:"]
        lines += _arms(context)
        for judgement in context.judgements:
            lines += [f"{moment(judgement)}, by {judgement.measure}:", *_pairs(judgement.pairs)]
            lines += [f"  {sentence}" for sentence in undetectable(judgement)]
        lines += [f"They disagree. {sentence}" for sentence in context.disagreements]
        lines += against_published(context, comparison.settings.published)
        lines += _noise((comparison.noise or {}).get(context.name, {}))
    lines += [f"Left out: {folder} {reason}" for folder, reason in comparison.failures.items()]
    return "\n".join(lines)


def _arms(context: Context) -> Iterator[str]:
    width = max(len("arm"), *map(len, context.arms))
    tested = all("test_top" in run.curve.measures for runs in context.arms.values() for run in runs)
    heads = ["best", "top", *(["test of best", "test of top"] if tested else []), "area"]
    yield f"{'arm':{width}}  seeds  {'  '.join(f'{head:>15}' for head in heads)}  failed  random  driver"
    for arm, runs in context.arms.items():
        columns = [f"{column:>15}" for column in _columns(runs, tested)]
        failed, random, driver = (
            sum(values) / len(runs)
            for values in (
                [run.failed_share for run in runs],
                [run.random_share for run in runs],
                [run.driver_s / max(run.elapsed_s, 1e-9) for run in runs],
            )
        )
        yield f"{arm:{width}}  {len(runs):5}  {'  '.join(columns)}  {failed:6.1%}  {random:6.1%}  {driver:6.1%}"
    if context.sampled:
        yield f"one random draw: {mean_and_error([run.sampled[0] for run in context.sampled if run.sampled])}"


def _columns(runs: Sequence[Run], tested: bool) -> Iterator[str]:
    names = ("best", "top", "test_best", "test_top") if tested else ("best", "top")
    for name in names:
        yield mean_and_error([float(run.curve.measures[name][-1]) for run in runs])
    yield mean_and_error([run.curve.area for run in runs])


def _noise(arms: Mapping[str, SelectionGap]) -> Iterator[str]:
    if not arms:
        return
    first = next(iter(arms.values()))
    how = "their mean over all seeds" if first.seeds is None else f"{first.seeds} new seeds each"
    yield f"Selection gap: fitness when selected minus re-evaluated, top {first.top}, {how} (95 % by Student's t):"
    for arm, found in arms.items():
        values = {"gap": found.gap, "of the best alone": found.best_gap, "best re-evaluated": found.best}
        yield f"  {arm}: {'; '.join(f'{name} {_estimate(value)}' for name, value in values.items())}"
    pairs = compare_gaps(arms)
    yield from ("By gap:", *_pairs(pairs.gap, 5), "By the best re-evaluated:", *_pairs(pairs.best, 5))


def _estimate(value: Estimate) -> str:
    if value.error is None or value.interval is None:
        return f"{value.mean:.5f}"
    return f"{value.mean:.5f} ± {value.error:.5f} ({value.interval[0]:.5f} to {value.interval[1]:.5f})"


def _pairs(pairs: Sequence[Pair], decimals: int = 4) -> Iterator[str]:
    form = f"+.{decimals}f"
    for pair in pairs:
        interval = "" if pair.interval is None else f" (95 % {pair.interval[0]:{form}} to {pair.interval[1]:{form}})"
        parts = [
            f"  {pair.first} - {pair.second}: {pair.difference:{form}}{interval}",
            *([] if pair.p is None else [f"A = {pair.effect:.2f}"]),
            _tested(pair),
        ]
        if pair.paired_p is not None:
            parts.append(f"paired p = {pair.paired_p:.2g}")
        if pair.detectable is not None:
            parts.append(f"detectable {pair.detectable:.{decimals}f}")
        yield ", ".join(parts)


def _tested(pair: Pair) -> str:
    if pair.p is None:
        return f"no test: {pair.no_test}"
    return f"p = {pair.p:.2g} ({'exact' if pair.exact else 'approximate'} Mann-Whitney, Holm over all pairs)"
