"""Arms of a comparison: finished searches that differ in their algorithm and their seed, and in nothing else."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nas.errors import UserError
from nas.search.history import History
from nas.search.identity import differences

FINISHED = ("budget", "finished")
_FREE = ("algorithm", "seed", "workers")  # what arms and their runs may differ in


def make_arms(
    histories: Sequence[History], warn: Callable[[str], None], force: bool = False
) -> dict[str, list[History]]:
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
    objection = _warn_instead(warn) if force else _refuse
    for history in histories:
        if history.closed is None or history.closed["reason"] not in FINISHED or not history.told:
            objection(f"the search {_name(history)} is not finished")
    first = histories[0]
    for other in histories[1:]:
        found = [*differences(_fixed(first), _fixed(other)), *_budget_differences(first, other)]
        if found:
            objection(f"the searches {_name(first)} and {_name(other)} differ in {'; '.join(found)}")
        if _versions(first) != _versions(other):
            warn(f"{_name(first)} and {_name(other)} ran under different versions")
    arms = _named(histories)
    for name, runs in arms.items():
        seeds = [history.identity["seed"] for history in runs]
        twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
        if twice:
            objection(f"the arm {name} has seed {twice[0]} twice")
    return arms


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


def _fixed(history: History) -> dict[str, Any]:
    return {key: value for key, value in history.identity.items() if key not in _FREE}


def _budget_differences(first: History, other: History) -> list[str]:
    left, right = (history.sessions[-1].get("budget") or {} for history in (first, other))
    return differences({"budget": left}, {"budget": right})


def _versions(history: History) -> Any:
    return history.sessions[-1].get("versions")


def _name(history: History) -> str:
    return history.path.absolute().parent.name


def _refuse(sentence: str) -> None:
    raise UserError(f"{sentence}; force=true compares nevertheless")


def _warn_instead(warn: Callable[[str], None]) -> Callable[[str], None]:
    return lambda sentence: warn(f"{sentence}, which force=true overlooks")
