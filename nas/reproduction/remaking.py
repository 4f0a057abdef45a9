"""The parts of a search made again so that they are the same search's, which their identities say; else a sentence.

Values are the journal's, classes are our configuration's; see `nas.recorded`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.recorded import option_of, recorded_keys, recorded_metric, recorded_part, recorded_space
from nas.recorded_evaluator import TABLES, recorded_setting
from nas.search.constraint import BOUNDS, Constraint, Guard, make_guard
from nas.search.history import History
from nas.search.identity import differences, identity_of, name_of, plain_json
from nas.search_spaces.base import SearchSpace

_OPTIONS = {"pairs": "aging"}  # names of algorithms that are an option under another name
_EXTRAS = ("sealed_test", "keep_weights")  # measured or kept beside a search: once, by the search itself


def remade_space(history: History, given: Any = None) -> SearchSpace:
    """The search space, able to mutate.

    Args:
        given: a space that takes the place of our configuration's: one with mutations of the user's own.

    Raises:
        UserError: our configuration has none of this name, or it is another now.
    """
    with readable(history):
        recorded = history.identity.get("search_space")
        if given is None:
            recorded_space(history)
            given = _ours("search_space", option_of("search_space", str(recorded["name"])))  # type: ignore[index]
        space = _with(given, recorded, "search_space")
        _refuse_other("search_space", recorded, space, history)
        return space


def remade_algorithm(history: History, space: SearchSpace) -> Any:
    """The algorithm, as it was before the first child was asked for.

    Raises:
        UserError: our configuration has none of this name, or it is another now.
    """
    with readable(history):
        recorded = history.identity.get("algorithm")
        name = str(recorded.get("name")) if isinstance(recorded, Mapping) else ""
        algorithm = recorded_part(
            "algorithm", recorded, {}, history.path.parent, option=_OPTIONS.get(name), space=space
        )
        _refuse_other("algorithm", recorded, algorithm, history)
        return algorithm


def remade_evaluator(history: History, space: SearchSpace, hardware: Any, places: Mapping[str, Any]) -> Evaluator:
    """What measured the children, without what a search keeps beside it: sealed tests are not measured again.

    Args:
        space: of the search.
        hardware: what to train on.
        places: where data lies, by group and key, in place of what the run's configuration and ours say.

    Raises:
        UserError: the search measured with a function, or data is missing or another.
    """
    with readable(history):
        recorded, run = history.identity.get("evaluator"), history.path.parent
        name = str(recorded.get("name")) if isinstance(recorded, Mapping) else ""
        if name == "function":
            raise UserError(
                f"the search {run} measured with a function of Python, which only its own program can call again: "
                "run_search with the same arguments in a new folder does"
            )
        assert isinstance(recorded, Mapping)
        keys = recorded_keys("evaluator", name)
        parts: dict[str, Any] = {key: False for key in _EXTRAS if key in keys}
        parts |= {"hardware": hardware} if "hardware" in keys else {}
        parts |= {"metric": recorded_metric(history)} if "metric" in keys else {}
        for group in ("network", "training"):
            if isinstance(recorded.get(group), Mapping):
                parts[group] = recorded_setting(group, recorded[group], {}, run)
        if isinstance(recorded.get("dataset"), Mapping):
            parts["dataset"] = remade_dataset(history, places.get("dataset", {}))
        parts |= places.get("evaluator", {})
        evaluator = recorded_part("evaluator", recorded, parts, run, space=space)
        if name in TABLES and evaluator.identity().get("fingerprint") != recorded.get("fingerprint"):
            raise UserError(
                f"the table of {run} is not what {evaluator.path} holds here: evaluator.path=FILE says where it lies"
            )
        if not isinstance(evaluator.fitness, str):
            raise UserError(f"the fitness of {run} is {evaluator.fitness!r}, which is no metric's name")
        _refuse_other("evaluator", recorded, evaluator, history)
        return evaluator


def remade_dataset(history: History, places: Mapping[str, Any]) -> Any:
    """The data set of a search that trained.

    Args:
        places: `root` or `path`, where it lies here.

    Raises:
        UserError: it is missing, or another; the sentence names the override that says where it lies.
    """
    with readable(history):
        recorded, run = history.identity["evaluator"]["dataset"], history.path.parent
        key = next(iter(sorted({"root", "path"} & recorded_keys("dataset", str(recorded.get("name"))))), None)
        where = "" if key is None else f": dataset.{key}={'FOLDER' if key == 'root' else 'FILE'} says where it lies"
        dataset = recorded_part("dataset", recorded, places, run)
        try:
            found = dataset.fingerprint()
        except UserError as error:
            raise UserError(f"the data of {run} is not here ({error}){where}") from error
        if found != recorded.get("fingerprint"):
            raise UserError(f"the data of {run} is not what {dataset.name} holds here (another fingerprint){where}")
        return dataset


def remade_guard(history: History, evaluator: Evaluator, space: SearchSpace) -> Guard | None:
    """The bounds on a search's children; None where it had none.

    Raises:
        UserError: they cannot be held again.
    """
    with readable(history):
        recorded = history.identity.get("constraint")
        if recorded is None:
            return None
        bounds = {key: recorded[key] for key in BOUNDS if key in recorded}
        guard = make_guard(Constraint(**bounds), evaluator, space)
        _refuse_other("constraint", recorded, guard, history)
        return guard


@contextmanager
def readable(history: History) -> Iterator[None]:
    """Turns what odd values in a journal lead to into a sentence.

    Raises:
        UserError: likewise.
    """
    try:
        yield
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError, IndexError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"[:200]
        raise UserError(f"the journal {history.path} describes no search that can be made again ({what})") from error


def _ours(group: str, option: str) -> Any:
    """Our configuration's object; the option is known to be one."""
    from hydra import compose

    from nas.application import build

    return build(compose("config", overrides=[f"{group}={option}"])[group], group)


def _with(ours: Any, recorded: Any, what: str) -> Any:
    """Our object with recorded values; objects in it must have the recorded names.

    Raises:
        UserError: the journal names an object that ours does not have.
    """
    if isinstance(ours, Mapping) and isinstance(recorded, Mapping):
        missing = sorted(set(recorded) - set(ours))
        if missing and any(is_dataclass(value) for value in ours.values()):
            raise UserError(f"{what}.{missing[0]} of the journal is not in the configuration")
        keys = [*(key for key in ours if key in recorded), *missing]  # draws depend on the order, journals sort it
        return {str(key): _with(ours.get(key), recorded[key], f"{what}.{key}") for key in keys}
    if is_dataclass(ours) and not isinstance(ours, type) and isinstance(recorded, Mapping):
        if name_of(ours) != recorded.get("name"):
            raise UserError(f"{what} is {recorded.get('name')!r} in the journal and {name_of(ours)!r} here")
        own = {field.name: getattr(ours, field.name) for field in fields(ours) if field.init}
        changed = {key: _with(own[key], recorded[key], f"{what}.{key}") for key in own if key in recorded}
        return replace(ours, **changed)
    return recorded


def _refuse_other(what: str, recorded: Any, made: Any, history: History) -> None:
    here = plain_json({what: identity_of(made)})
    if here[what] == recorded:
        return
    changed = "; ".join(differences({what: recorded}, here)) or what
    raise UserError(f"the search {_named(history.path.parent)} cannot be made again here, it differs in {changed}")


def _named(run: Path) -> str:
    return run.name or str(run)
