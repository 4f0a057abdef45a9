"""What a comparison found, as lines for a terminal."""

from collections.abc import Iterator, Sequence

from nas.comparison.results import Comparison, Context, Judgement, against_published, mean_and_error, moment
from nas.comparison.runs import Run
from nas.comparison.statistics import Pair
from nas.comparison.study import ONLY


def summary(comparison: Comparison) -> str:
    """A table per context, the statistics of all pairs, and where both kinds of equality disagree."""
    runs = sum(len(own) for context in comparison.contexts for own in context.arms.values())
    lines = [f"{runs} searches. Mean ± standard error over seeds; top: mean of the {comparison.settings.top_k} best."]
    for context in comparison.contexts:
        lines += [] if context.name == ONLY else ["", f"{context.name}:"]
        lines += _arms(context)
        for judgement in context.judgements:
            lines += [f"{moment(judgement)}, by {judgement.measure}:", *_pairs(judgement)]
        lines += [f"They disagree. {sentence}" for sentence in context.disagreements]
        lines += against_published(context.final, comparison.settings.published)
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


def _columns(runs: Sequence[Run], tested: bool) -> Iterator[str]:
    names = ("best", "top", "test_best", "test_top") if tested else ("best", "top")
    for name in names:
        yield mean_and_error([float(run.curve.measures[name][-1]) for run in runs])
    yield mean_and_error([run.curve.area for run in runs])


def _pairs(judgement: Judgement) -> Iterator[str]:
    for pair in judgement.pairs:
        interval = "" if pair.interval is None else f" (95 % {pair.interval[0]:+.4f} to {pair.interval[1]:+.4f})"
        parts = [
            f"  {pair.first} - {pair.second}: {pair.difference:+.4f}{interval}",
            f"A = {pair.effect:.2f}",
            _tested(pair),
        ]
        if pair.paired_p is not None:
            parts.append(f"paired p = {pair.paired_p:.2g}")
        if pair.detectable is not None:
            parts.append(f"detectable {pair.detectable:.4f}")
        yield ", ".join(parts)


def _tested(pair: Pair) -> str:
    if pair.p is None:
        return f"no test: {pair.no_test}"
    return f"p = {pair.p:.2g} ({'exact' if pair.exact else 'approximate'} Mann-Whitney, Holm over all pairs)"
