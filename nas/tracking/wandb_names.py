"""What a run is called in W&B, and what it is grouped with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.comparison.study import ONLY
from nas.comparison.study_file import FILE_NAME as STUDY_FILE

_SEARCHES, _LEVELS = "searches", 3  # a study's searches lie in searches/CONTEXT/ARM-sSEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """
    Attributes:
        name: of the run.
        group: runs of one study, its tuning apart; searches outside of studies go with search space and data set.
        tags: algorithm, search space, data set.
    """

    name: str
    group: str
    tags: list[str]


def search_names(folder: Path, identity: Mapping[str, Any]) -> Names:
    """Of a search in its run folder."""
    algorithm, space, dataset = (part_name(identity, part) for part in ("algorithm", "search_space", "dataset"))
    name, group = _place(folder.absolute())
    return Names(
        name=name,
        group=group or "-".join(filter(None, (space, dataset))),
        tags=list(filter(None, (algorithm, space, dataset))),
    )


def _place(folder: Path) -> tuple[str, str]:
    """Name and group by where a search lies; no group outside of a study."""
    study = next((place for place in folder.parents[:_LEVELS] if (place / STUDY_FILE).exists()), None)
    if study is None:
        return folder.name, ""
    kind, *own = folder.relative_to(study).parts
    group = study.name if kind == _SEARCHES else f"{study.name}-{kind}"
    return "/".join(part for part in own if part != ONLY), group


def part_name(identity: Mapping[str, Any], part: str) -> str:
    """The name of a part of the search, "" if it has none."""
    value = identity.get(part)
    evaluator = identity.get("evaluator")
    if value is None and isinstance(evaluator, Mapping):
        value = evaluator.get(part)
    return str(value.get("name", "")) if isinstance(value, Mapping) else ""
