"""What a search measured with, made again from its journal, with some settings changed: for proxy studies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nas.errors import UserError, unknown
from nas.recorded import recorded_dataset, recorded_metric, recorded_part, recorded_space
from nas.search.history import History

_TABLES = ("table", "recorded_table")
_OPTIONS = {"network": {"cells": "search"}, "training": {"sgd": "search"}}  # whose class a recorded name stands for
_GROUPS = {"train": ("dataset", "network", "training"), "table": ("evaluator",)}


@dataclass
class Change:
    """What overrides say of one group: another option of it, and values."""

    option: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


def recorded_evaluator(history: History, overrides: Sequence[str], hardware: Any) -> Any:
    """A training without inherited weights, or the table, by the settings of a search.

    Args:
        history: of the search.
        overrides: Hydra overrides of these settings: GROUP.KEY=VALUE or GROUP=OPTION.
        hardware: what to train on.

    Raises:
        UserError: the search neither trained nor used a table, an override is wrong, or data has changed.
    """
    recorded, run = history.identity.get("evaluator"), history.path.parent
    name = str(recorded.get("name")) if isinstance(recorded, Mapping) else "nothing"
    if name != "train" and name not in _TABLES:
        raise UserError(
            f"the search {run} measured with evaluator={name}, a proxy study needs images (evaluator=train) or a table"
        )
    assert isinstance(recorded, Mapping)
    changes = read_changes(overrides, _GROUPS["train" if name == "train" else "table"])
    if name == "train":
        return _training(history, recorded, changes, hardware)
    change = changes.get("evaluator", Change())
    if change.option is not None:
        raise UserError(f"proxy_study.final has evaluator={change.option}, change its values: evaluator.KEY=VALUE")
    table = recorded_part("evaluator", recorded, change.values, run, space=recorded_space(history))
    if table.identity().get("fingerprint") != recorded.get("fingerprint"):
        raise UserError(f"the table of {run} is not what {table.path} holds now")
    return table


def read_changes(overrides: Sequence[str], groups: Sequence[str]) -> dict[str, Change]:
    """Overrides by group.

    Raises:
        UserError: one is no override of the groups.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if isinstance(overrides, str) or not all(isinstance(one, str) for one in overrides):
        raise UserError(f"proxy_study.final is {overrides!r}, it must be a list such as [training.epochs=20]")
    try:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise UserError(f"proxy_study.final cannot be read: {' '.join(str(error).split())}") from error
    changes: dict[str, Change] = {}
    for one in parsed:
        group, _, key = one.key_or_group.partition(".")
        if group not in groups:
            options = [f"{name}.KEY" for name in groups]
            raise UserError(unknown(f"{one.key_or_group} of proxy_study.final", one.key_or_group, options))
        if one.type is None or one.is_sweep_override() or one.is_add() or one.is_delete() or "." in key:
            raise UserError(f"proxy_study.final has {one.input_line}, it must be {group}.KEY=VALUE or {group}=OPTION")
        change = changes.setdefault(group, Change())
        if key:
            change.values[key] = one.value()
        else:
            change.option = str(one.value())
    return changes


def _training(history: History, recorded: Mapping[str, Any], changes: Mapping[str, Change], hardware: Any) -> Any:
    from nas.retraining.final_training import FinalTraining
    from nas.training.batch_plan import BatchPlan

    run = history.path.parent
    parts = {}
    for group in ("network", "training"):
        change = changes.get(group, Change())
        if change.option is not None:
            parts[group] = recorded_part(group, {"name": change.option}, change.values, run)
        else:
            option = _OPTIONS[group].get(str(recorded[group]["name"]))
            parts[group] = recorded_part(group, recorded[group], change.values, run, option=option)
    change = changes.get("dataset", Change())
    if change.option is not None:
        dataset = recorded_part("dataset", {"name": change.option}, change.values, run)
    else:
        dataset = recorded_dataset(history, change.values)
    BatchPlan(parts["training"], dataset.num_train, hardware.world_size, hardware.accumulate)
    return FinalTraining(dataset=dataset, hardware=hardware, metric=recorded_metric(history), **parts)
