"""Sentences of a comparison's page: what was found, and the protocol that a paper could print."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from nas.comparison.curves import MEASURES
from nas.comparison.results import (
    BUDGET,
    Comparison,
    Context,
    Judgement,
    against_published,
    mean_and_error,
    moment,
    verdict,
)
from nas.comparison.statistics import LEVEL, Pair
from nas.comparison.study import ONLY
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
    if all(pair.p is None for pair in pairs):
        return [f"No arm is called better than another: {pairs[0].no_test}.", last]
    if len(pairs) <= MOST_PAIRS_IN_WORDS:
        return [*(f"{verdict(pair)} ({_p(pair)})." for pair in pairs), last]
    return [*_of_the_best(judgement), last]


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


def protocol(comparison: Comparison) -> list[tuple[str, str]]:
    """Everything that one needs to repeat the comparison, by name."""
    settings, study = comparison.settings, comparison.study
    runs = [run for context in comparison.contexts for run in context.runs]
    identities = [run.conditions.identity for run in runs]
    arms = comparison.contexts[0].arms
    rows = [("Arms", ", ".join(f"{arm} ({_seeds(run.seed for run in own)})" for arm, own in arms.items()))]
    if [context.name for context in comparison.contexts] != [ONLY]:
        rows.append(("Contexts", ", ".join(context.name for context in comparison.contexts)))
    rows += [
        ("Search space", _each(_short(identity["search_space"]) for identity in identities)),
        ("Data and evaluator", _each(_evaluator(identity["evaluator"]) for identity in identities)),
        ("Budget of a search", _each(_short(run.conditions.budget) or "none" for run in runs)),
        ("Primary measure", measure_name(settings.primary, settings.top_k)),
        ("k", str(settings.top_k)),
    ]
    if settings.checkpoints:
        rows.append(("Checkpoints", ", ".join(map(labels.count, settings.checkpoints)) + " evaluations"))
    if settings.threshold is not None:
        rows.append(("Threshold", f"{settings.threshold:g}"))
    rows += [
        ("Decided", _decided(study)),
        *(("Amended", _amendment(one)) for one in (study or {}).get("amended", ())),
        ("Tuning", tuning_in_words(comparison)),
        (
            "Statistics",
            f"A search is a unit. Exact two-sided Mann-Whitney test (normal approximation where noted), Holm's "
            f"correction over all pairs of a judgement, level {LEVEL:g}; none below 5 seeds per arm. From 6 seeds with "
            "shared initial populations the exact paired Wilcoxon test too. Effect A of Vargha and Delaney. From 10 "
            "seeds a 95 % bootstrap interval of the difference. Detectable: the smallest difference found with 80 % "
            "power.",
        ),
        ("Versions", _each(_versions(run.conditions.versions) for run in runs)),
        ("Commit", _each(run.conditions.commit or "none: an installed package" for run in runs)),
        ("Devices", _each(device for run in runs for device in run.conditions.devices) or "none told"),
    ]
    return rows


def overrides(comparison: Comparison) -> list[tuple[str, str]]:
    """What a study gives `python -m nas.evolve`: for all, for contexts and for arms; what was tuned comes last."""
    if comparison.study is None:
        return []
    said = comparison.study["study"]
    chosen = {arm: own["chosen"] for arm, own in (comparison.tuning or {"arms": {}})["arms"].items()}
    rows = [("all", said["base"])]
    rows += [(f"context {name}", own) for name, own in said["contexts"].items()]
    rows += [(f"arm {name}", [*own, *chosen.get(name, ())]) for name, own in said["arms"].items()]
    return [(name, " ".join(own) or "nothing more") for name, own in rows]


def settings_text(context: Context) -> str:
    """The algorithms of all arms and what their searches share, as YAML: the identities of the first runs."""
    identities = {arm: dict(runs[0].conditions.identity) for arm, runs in context.arms.items()}
    first = next(iter(identities.values()))
    shared = {
        key: value
        for key, value in first.items()
        if key not in ("algorithm", "seed") and all(other.get(key) == value for other in identities.values())
    }
    own = {
        arm: {key: value for key, value in identity.items() if key != "seed" and key not in shared}
        for arm, identity in identities.items()
    }
    return str(yaml.safe_dump({"all": shared, **own}, sort_keys=False, allow_unicode=True, width=100))


def tuning_in_words(comparison: Comparison) -> str:
    """Whether arms were tuned."""
    if comparison.tuning is not None:
        tuned = comparison.tuning
        last = tuned["first_seed"] + tuned["searches"] - 1
        untuned = [arm for arm in comparison.contexts[0].arms if arm not in tuned["arms"]]
        rest = f"; {', '.join(untuned)} untuned: published values" if untuned else ""
        return (
            f"{tuned['searches']} searches for each of {', '.join(tuned['arms'])} in the context "
            f"{tuned['context']}, on seeds of their own ({tuned['first_seed']} to {last} at most), chosen by "
            f"mean {tuned['measure']} on validation{rest}"
        )
    if comparison.study is None:
        return "not on record: the searches are of no study"
    note = (comparison.study.get("tuning") or {}).get("note")
    return f"not in this study: {note}" if note else "untuned: published values"


def _decided(study: Mapping[str, Any] | None) -> str:
    if study is None:
        return "after the searches: they are of no study, so nothing shows what was decided before them"
    commit = study.get("commit")
    return (
        f"{_when(study['written'])}, before the first search (study.json{f', commit {commit[:12]}' if commit else ''})"
    )


def _amendment(one: Mapping[str, Any]) -> str:
    return f"{_when(one['time'])}: {one['seeds']} seeds instead of {one['seeds_before']}"


def _when(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M} UTC"


def _short(values: Mapping[str, Any]) -> str:
    named = [str(values["name"])] if "name" in values else []
    plain = (
        f"{key.replace('_', ' ')} {value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else f"{key} {value}"
        for key, value in values.items()
        if key != "name" and value is not None and not isinstance(value, Mapping | list)
    )
    return ", ".join([*named, *plain])


def _evaluator(identity: Mapping[str, Any]) -> str:
    parts = [_short(identity)]
    for key in ("dataset", "network", "training"):
        if isinstance(identity.get(key), Mapping):
            parts.append(f"{key} {_short(identity[key])}")
    return "; ".join(parts)


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _seeds(seeds: Iterable[int]) -> str:
    found = sorted(set(seeds))
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"seeds {found[0]} to {found[-1]}"
    return f"seed{'' if len(found) == 1 else 's'} {', '.join(map(str, found))}"


def _each(texts: Iterable[str]) -> str:
    """What differs between searches is told once for each."""
    return " | ".join(dict.fromkeys(texts))


def _of(comparison: Comparison, context: Context) -> str:
    return f"{context.name}: " if len(comparison.contexts) > 1 else ""


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
