"""Parts of a search made again from what its journal says: values are the journal's, classes are our configuration's.

Nothing in a run folder is executed (no `_target_` of its `config.yaml` is read), nor are its strings interpolated. A
name in a journal chooses among the options that Hydra lists, and is never part of a path.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf

from nas.errors import UserError, unknown
from nas.search.history import History
from nas.search.run import run_folder

_NO_FIELDS = ("name", "fingerprint", "latency_fingerprint", "pixels")
_PATHS = ("root", "path", "latency_path", "packed", "shards", "stage_to")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a study reads thousands of files


def recorded_dataset(history: History, changes: Mapping[str, Any]) -> Any:
    """The data set that a search measured on.

    Args:
        changes: values in place of the search's.

    Raises:
        UserError: the search used none, our configuration has none of this name, or the data is missing or another.
    """
    identity = _evaluator(history).get("dataset")
    run = history.path.parent
    if not isinstance(identity, Mapping):
        raise UserError(f"the search {run} was not made on images, set dataset=NAME")
    dataset = recorded_part("dataset", identity, changes, run)
    if dataset.fingerprint() != identity.get("fingerprint"):
        raise UserError(f"the data of {run} is not what {dataset.name} holds now, set dataset=NAME to use that")
    if not {"image_size", "packed"} & changes.keys() and dataset.identity().get("pixels") != identity.get("pixels"):
        raise UserError(
            f"the search {run} saw other pixels than {dataset.name} gives now ({_pixels(identity)} there, "
            f"{_pixels(dataset.identity())} here): +dataset.packed=PATH names those of the search, "
            "+dataset.packed=none takes the files"
        )
    return dataset


def _pixels(identity: Mapping[str, Any]) -> str:
    return f"packed, checksum {identity['pixels']}" if "pixels" in identity else "files"


def recorded_space(history: History) -> Any:
    """The search space of a search.

    Raises:
        UserError: our configuration has none of this name, or it has changed.
    """
    return recorded_part("search_space", history.identity.get("search_space"), {}, history.path.parent)


def recorded_metric(history: History) -> Any:
    """The metric that was a search's fitness; accuracy where the journal names no other.

    Raises:
        UserError: our configuration has none of this name, or it has changed.
    """
    from nas.metrics.accuracy import Accuracy

    evaluator = _evaluator(history)
    metric = evaluator.get("metric")
    if not isinstance(metric, Mapping) or evaluator.get("fitness") == "valid_accuracy":
        return Accuracy()
    return recorded_part("metric", metric, {}, history.path.parent)


def recorded_finals(history: History) -> Any:
    """Where final accuracies of a search's genomes can be looked up; None where no table holds them.

    Raises:
        UserError: the table is missing or another.
    """
    recorded = _evaluator(history)
    if recorded.get("name") not in ("table", "recorded_table"):
        return None
    space = recorded_space(history)
    evaluator = recorded_part("evaluator", recorded, {}, history.path.parent, space=space)
    if evaluator.identity().get("fingerprint") != recorded.get("fingerprint"):
        raise UserError(f"the table of {history.path.parent} is not what {evaluator.path} holds now")
    return evaluator.finals()


def recorded_histories(runs: Sequence[str], runs_dir: str) -> list[History]:
    """The journals of searches.

    Args:
        runs: names of folders in `runs_dir`, or paths.

    Raises:
        UserError: there is no journal, or it is damaged.
    """
    folders = [(run_folder(run, runs_dir), Path(run)) for run in runs]
    return [History.load(folder if folder.exists() else path) for folder, path in folders]


def same_dataset(histories: list[History]) -> bool:
    """Whether all searches measured on the same data set."""
    first, *others = (_evaluator(history).get("dataset") for history in histories)
    return all(other == first for other in others)


def _evaluator(history: History) -> Mapping[str, Any]:
    evaluator = history.identity.get("evaluator")
    return evaluator if isinstance(evaluator, Mapping) else {}


def recorded_part(
    group: str,
    identity: Any,
    changes: Mapping[str, Any],
    run: Path,
    option: str | None = None,
    **parts: Any,
) -> Any:
    """A part of a search made again.

    Args:
        group: of the configuration.
        identity: its name and values in the journal; those that are missing, and places of files, are our
            configuration's.
        changes: values in place of the search's.
        run: the run folder.
        option: of the group, whose class is taken; None takes that of the name.
        parts: further arguments.

    Raises:
        UserError: our configuration has no such option or no such key, or the class refuses the values.
    """
    from hydra.utils import get_class

    if not isinstance(identity, Mapping):
        raise UserError(f"the journal of {run} names no {group}")
    name = str(identity.get("name"))
    try:
        plain, missing = _composed(group, option or option_of(group, name))
    except LookupError as error:
        raise UserError(
            f"the {group} {name!r} of {run} is not in the configuration: give the --config-dir of a plug-in, or set "
            f"{group}=NAME"
        ) from error
    ours = dict(plain)
    target = ours.pop("_target_")
    ours.pop("_partial_", None)
    recorded = {key: value for key, value in identity.items() if key not in (*_NO_FIELDS, *_PATHS)}
    known = sorted(ours.keys() | missing)
    for key in changes:
        if key not in known:
            raise UserError(unknown(f"the key {group}.{key}", key, [f"{group}.{option}" for option in known]))
    paths = _paths(run, group, [key for key in _PATHS if key in known])
    values = {**ours, **recorded, **paths, **changes}
    try:
        return get_class(target)(**values, **parts)
    except TypeError as error:
        raise UserError(f"the {group} {name!r} of {run} has changed since ({error}), set {group}=NAME") from error


def recorded_keys(group: str, name: str) -> frozenset[str]:
    """The keys of a group's option; none where there is no such option."""
    try:
        plain, missing = _composed(group, option_of(group, name))
    except LookupError:
        return frozenset()
    return missing | plain.keys()


def _is_option(group: str, name: str) -> bool:
    """Whether Hydra lists it, plug-ins' options included: as an override, any other text could name a path."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.object_type import ObjectType

    if not _PLAIN_NAME.fullmatch(name):
        return False
    loader = GlobalHydra.instance().config_loader()
    return name in loader.get_group_options(group, ObjectType.CONFIG, config_name="config")


@lru_cache(maxsize=32)
def option_of(group: str, name: str) -> str:
    """The option that makes parts of this name: the one called so, else the first whose class is, or has, the name."""
    from hydra.core.config_loader import ConfigLoader
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import InstantiationException
    from hydra.utils import get_object

    loader: ConfigLoader = GlobalHydra.instance().config_loader()
    options = loader.get_group_options(group)
    if name in options:
        return name
    for option in options:
        plain, _ = _composed(group, option)
        target = str(plain.get("_target_"))
        try:
            if name in (target, getattr(get_object(target), "name", None)):
                return option
        except (ImportError, InstantiationException):
            continue
    return name


@lru_cache(maxsize=32)
def _composed(group: str, option: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Our configuration's values and the names of those that it leaves open; kept, as a study has thousands of runs.

    Raises:
        LookupError: the group has no such option.
    """
    from hydra import compose

    if not _is_option(group, option):
        raise LookupError(option)
    node = compose("config", overrides=[f"{group}={option}"])[group]
    missing = frozenset(str(key) for key in node if OmegaConf.is_missing(node, key))
    plain = OmegaConf.to_container(node, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items() if key not in missing}, missing


def _paths(run: Path, group: str, keys: Sequence[str]) -> dict[str, Any]:
    """Where the search found its data: plain strings of its `config.yaml`, which the journal does not hold."""
    if not keys:
        return {}
    try:
        config = yaml.load((run / "config.yaml").read_text(encoding="utf-8"), _SafeLoader)
        found = config[group]
        return {key: found[key] for key in keys if isinstance(found.get(key), str)}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}
