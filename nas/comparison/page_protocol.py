"""The protocol of a comparison, as a paper could print it: what was compared, how, and what repeats it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from nas.comparison.page_words import measure_name
from nas.comparison.results import Comparison, Context
from nas.comparison.statistics import LEVEL
from nas.comparison.study import ONLY
from nas.reporting import labels


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
        ("Budget of a search", _each(_budget(run.conditions.budget) or "none" for run in runs)),
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


def _budget(budget: Mapping[str, Any]) -> str:
    words = {"simulated_s": "simulated seconds", "device_hours": "device-hours", "flops": "training FLOPs"}
    given = {key: value for key, value in budget.items() if value is not None}
    return ", ".join(f"{value:,} {words.get(key, key)}" for key, value in given.items())


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
