"""Sentences of a comparison's page: what was found, and the protocol that a paper could print."""

from collections.abc import Iterator

from nas.comparison.curves import MEASURES
from nas.comparison.results import (
    BUDGET,
    Comparison,
    Context,
    Judgement,
    against_published,
    mean_and_error,
    moment,
    undetectable,
    verdict,
)
from nas.comparison.statistics import Pair
from nas.reporting import labels

MOST_PAIRS_IN_WORDS = 6
_OTHER_MEASURES = {
    "area": "area under the curve of the best so far, over evaluations",
    "population": "mean fitness of those alive at the end",
}


def measure_name(measure: str, top_k: int) -> str:
    """A primary measure in words."""
    return {**MEASURES, **_OTHER_MEASURES}[measure].format(k=top_k)


def moment_name(judgement: Judgement) -> str:
    """When a judgement was made, and by what kind of equality."""
    equal = {"evaluations": ", equal for all", "train_flops": ", equal for all", "time_s": ", equal for all"}
    return f"{moment(judgement)}{equal.get(judgement.axis, '') if judgement.axis != BUDGET else ''}"


def findings(judgement: Judgement, top_k: int) -> list[str]:
    """What a judgement says: the pairs, or the best arm's where there are many; at last the arms from the best down."""
    means = ", ".join(f"{arm} {mean_and_error(judgement.values[arm])}" for arm in judgement.ranking)
    last = f"{capital(measure_name(judgement.measure, top_k))}, mean ± standard error: {means}."
    pairs = list(judgement.pairs)
    if not pairs:
        return ["There is one arm, so nothing is compared.", last]
    if all(pair.p is None for pair in pairs):
        return [f"No arm is called better than another: {pairs[0].no_test}.", last]
    if len(pairs) <= MOST_PAIRS_IN_WORDS:
        return [*(f"{verdict(pair)} ({_p(pair)})." for pair in pairs), *undetectable(judgement), last]
    return [*_of_the_best(judgement), *undetectable(judgement), last]


def _of_the_best(judgement: Judgement) -> Iterator[str]:
    best = judgement.ranking[0]
    own = {
        pair.second if pair.first == best else pair.first: pair
        for pair in judgement.pairs
        if best in (pair.first, pair.second)
    }
    beaten = [f"{arm} ({_p(pair)})" for arm, pair in own.items() if pair.significant and _is_better(best, pair)]
    alike = [f"{arm} ({_p(pair)})" for arm, pair in own.items() if not pair.significant]
    yield f"{best} has the highest mean."
    if beaten:
        yield f"It beats {', '.join(beaten)}."
    if alike:
        yield f"It cannot be told apart from {', '.join(alike)}."
    others = [pair for pair in judgement.pairs if best not in (pair.first, pair.second)]
    told = sum(pair.significant for pair in others)
    yield f"Of the other {len(others)} pairs {told or 'none'} can be told apart{', see the table' if told else ''}."


def _is_better(arm: str, pair: Pair) -> bool:
    return (pair.difference > 0) == (pair.first == arm)


def _p(pair: Pair) -> str:
    return f"p = {pair.p:.2g}" if pair.p is not None else f"no test: {pair.no_test}"


def published(comparison: Comparison) -> list[str]:
    """What became of the published orderings."""
    return [
        f"{_of(comparison, context)}{sentence}"
        for context in comparison.contexts
        for sentence in against_published(context, comparison.settings.published)
    ]


def disagreeing(comparison: Comparison) -> list[str]:
    """Where equal evaluations, equal FLOPs and equal budgets do not say the same."""
    return [
        f"{_of(comparison, context)}{sentence}" for context in comparison.contexts for sentence in context.disagreements
    ]


def agreement(comparison: Comparison) -> str:
    """What stands where nothing disagrees: which judgements there were."""
    contexts = comparison.contexts
    known = [context for context in contexts if context.equal_flops is not None]
    others = "equal evaluations" if any(context.final.axis == BUDGET for context in contexts) else ""
    others += (" and at " if others and known else "") + ("equal training FLOPs" if known else "")
    said = f"At {others} the same is said of every pair as at the end of the budget." if others else ""
    missing = (
        "" if len(known) == len(contexts) else "Training FLOPs are not known, so arms are not judged at equal ones."
    )
    return f"{said} {missing}".strip()


def lead(comparison: Comparison) -> str:
    """What was compared, in a sentence."""
    first = comparison.contexts[0]
    runs = [run for context in comparison.contexts for run in context.runs]
    arms = list(first.arms)
    listed = f"{', '.join(arms[:-1])} and {arms[-1]}"
    spaces = sorted({str(run.conditions.identity["search_space"].get("name")) for run in runs})
    contexts = len(comparison.contexts)
    where = f" in {contexts} contexts" if contexts > 1 else ""
    return (
        f"{listed} on {', '.join(spaces)}{where}: {labels.plural(len(runs), 'search').replace('searchs', 'searches')}."
    )


def _of(comparison: Comparison, context: Context) -> str:
    return f"{context.name}: " if len(comparison.contexts) > 1 else ""


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
