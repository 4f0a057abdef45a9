"""Arms of a comparison: finished searches under the same conditions, and what is refused as not comparable."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nas.comparison.conditions import Conditions
from nas.errors import UserError
from nas.search.history import History
from nas.search.identity import differences

Say = Callable[[str], None]
_FREE = ("algorithm", "seed", "workers")  # what arms and their runs may differ in
_STUDY_FIXED = (("dataset",), ("training", "precision"), ("training", "batch_size"))  # of the evaluator, in a study


def make_arms(histories: Sequence[History], warn: Say, force: bool = False) -> dict[str, list[History]]:
    """The searches by arm, in the order in which arms first appear; within one by seed.

    An arm is named by its algorithm, and by the values that tell it from others of the same name.

    Args:
        warn: takes a sentence on what makes a comparison weaker.
        force: warns instead of refusing searches that are not comparable.

    Raises:
        UserError: there is nothing to compare, a search is not finished or told nothing, searches differ in more than
            their algorithm and seed, or a seed is there twice.
    """
    if len(histories) < 2:
        raise UserError(f"{len(histories)} search cannot be compared, name at least two: run=[A,B]")
    check_comparable([Conditions.of(history) for history in histories], warn, force)
    arms = _named(histories)
    objection = _objection(warn, force)
    for name, runs in arms.items():
        seeds = [history.identity["seed"] for history in runs]
        twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
        if twice:
            objection(f"the arm {name} has seed {twice[0]} twice")
    return arms


def check_comparable(searches: Sequence[Conditions], warn: Say, force: bool = False) -> None:
    """Compares every search with the first.

    Raises:
        UserError: see `make_arms`.
    """
    _check(searches, warn, force, lambda identity: {key: identity[key] for key in identity if key not in _FREE})


def check_study(searches: Sequence[Conditions], warn: Say, force: bool = False) -> None:
    """Compares the searches of one context of a study, whose arms say themselves what they differ in.

    Raises:
        UserError: a search is not finished or told nothing, or data, precision, global batch or budget differ.
    """
    _check(searches, warn, force, _fixed_in_study)


def _check(searches: Sequence[Conditions], warn: Say, force: bool, fixed: Callable[[Any], dict[str, Any]]) -> None:
    objection = _objection(warn, force)
    for search in searches:
        if not search.finished:
            objection(f"the search {search.name} is not finished")
    first = searches[0]
    for other in searches[1:]:
        names = f"the searches {first.name} and {other.name}"
        budgets = differences({"budget": first.budget}, {"budget": other.budget})
        found = [*differences(fixed(first.identity), fixed(other.identity)), *budgets]
        if found:
            objection(f"{names} differ in {'; '.join(found)}")
    for what, values in (("versions", "versions"), ("devices", "devices")):
        different = next((other for other in searches if getattr(other, values) != getattr(first, values)), None)
        if different is not None:
            warn(f"{first.name} and {different.name} ran under different {what}")


def _fixed_in_study(identity: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for path in _STUDY_FIXED:
        value: Any = identity.get("evaluator")
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        found["evaluator." + ".".join(path)] = value
    return found


def _named(histories: Sequence[History]) -> dict[str, list[History]]:
    groups: dict[str, list[History]] = defaultdict(list)
    for history in histories:
        groups[repr(history.identity["algorithm"])].append(history)
    algorithms = [group[0].identity["algorithm"] for group in groups.values()]
    return {
        _label(group[0].identity["algorithm"], algorithms): sorted(group, key=lambda history: history.identity["seed"])
        for group in groups.values()
    }


def _label(algorithm: Mapping[str, Any], algorithms: Sequence[Mapping[str, Any]]) -> str:
    name = str(algorithm["name"])
    rivals = [other for other in algorithms if other["name"] == name]
    keys = sorted(key for key in algorithm if len({repr(rival.get(key)) for rival in rivals}) > 1)
    return f"{name} ({', '.join(f'{key}={algorithm[key]}' for key in keys)})" if keys else name


def _objection(warn: Say, force: bool) -> Say:
    return (lambda sentence: warn(f"{sentence}, which force=true overlooks")) if force else _refuse


def _refuse(sentence: str) -> None:
    raise UserError(f"{sentence}; force=true compares nevertheless")
