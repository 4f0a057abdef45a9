"""Tuning before a comparison: as many searches for every arm that has something to tune, on seeds of their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from nas.comparison.effects import mean
from nas.comparison.runs import run_of
from nas.comparison.study import Search, Study
from nas.comparison.study_file import write_plain
from nas.errors import UserError
from nas.search.history import History

FILE_NAME = "tuning.json"
_BY_VALIDATION = {"test_best": "best", "test_top": "top"}  # tuning must not look at test


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """A grid for each arm, and the same number of searches for each grid.

    Attributes:
        searches: per arm; divided evenly among the grid's points, so a smaller grid has more seeds for each.
        first_seed: of the tuning searches; they count up from there, beyond those of the study.
        context: where they run; None is the study's first.
        grid: values by key, by arm; its points are all combinations. Arms without one keep their published values.
        note: how values that are not the published ones were found outside of the study; None where there are none.
    """

    searches: int
    first_seed: int
    context: str | None
    grid: Mapping[str, Mapping[str, Sequence[Any]]]
    note: str | None = None

    def check(self, study: Study) -> None:
        """Whether the study can be tuned like this.

        Raises:
            UserError: it cannot.
        """
        if type(self.searches) is not int or self.searches < 1:
            raise UserError(f"compare.tune.searches is {self.searches!r}, it must be a whole number of at least 1")
        if type(self.first_seed) is not int or self.first_seed < study.seeds:
            raise UserError(
                f"compare.tune.first_seed is {self.first_seed!r}, it must be beyond the study's {study.seeds} seeds"
            )
        if self.context is not None and self.context not in study.named_contexts:
            allowed = ", ".join(study.named_contexts)
            raise UserError(f"compare.tune.context is {self.context!r}, allowed are {allowed}")
        for arm in self.grid:
            if arm not in study.arms:
                raise UserError(f"compare.tune.grid has {arm!r}, the arms are {', '.join(study.arms)}")
            points = len(self.points(arm))
            if points == 0 or self.searches % points:
                raise UserError(
                    f"compare.tune.searches is {self.searches}, it must be a multiple of the {points} points of the "
                    f"grid of {arm}"
                )

    def points(self, arm: str) -> list[tuple[str, ...]]:
        """The grid's points as overrides."""
        keys = self.grid[arm]
        return [
            tuple(f"{key}={value}" for key, value in zip(keys, values, strict=True))
            for values in product(*keys.values())
        ]

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        grid = {arm: {key: list(values) for key, values in own.items()} for arm, own in self.grid.items()}
        if not grid:
            return {"note": self.note}
        own = {"searches": self.searches, "first_seed": self.first_seed, "context": self.context}
        return {**own, "grid": grid, "note": self.note}

    def context_of(self, study: Study) -> str:
        """Where tuning searches run."""
        return self.context or next(iter(study.named_contexts))

    def searches_of(self, study: Study) -> list[Search]:
        """All of them."""
        context = self.context_of(study)
        return [
            Search(
                context=context,
                arm=arm,
                seed=seed,
                overrides=(*study.overrides(context, arm), *point),
                folder=_folder(arm, index, seed),
            )
            for arm in self.grid
            for index, point in enumerate(self.points(arm))
            for seed in self.seeds(arm)
        ]

    def seeds(self, arm: str) -> range:
        """Of each point of an arm's grid."""
        return range(self.first_seed, self.first_seed + self.searches // len(self.points(arm)))


def choose(study: Study, tuning: Tuning, folder: Path, failures: Mapping[str, str]) -> dict[str, Any]:
    """The best point of every grid by its mean over seeds, by validation; the first of equals. Kept in `tuning.json`.

    A point of which a search failed cannot be chosen.

    Args:
        folder: of the study, where the tuning searches have ended.
        failures: why searches did not end well, by their folder.

    Returns:
        What was found, as JSON data: for each arm the chosen overrides and every candidate with its values and cost.

    Raises:
        UserError: no point of an arm can be chosen, or the file cannot be written.
    """
    kept = folder / FILE_NAME
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    measure = _BY_VALIDATION.get(study.primary, study.primary)
    arms = {}
    for arm in tuning.grid:
        candidates = [
            _candidate(arm, index, point, tuning.seeds(arm), measure, study.top_k, folder, failures)
            for index, point in enumerate(tuning.points(arm))
        ]
        able = [candidate for candidate in candidates if candidate["mean"] is not None]
        if not able:
            raise UserError(f"no point of the grid of {arm} can be chosen, as searches of each failed")
        best = max(able, key=lambda candidate: candidate["mean"])
        arms[arm] = {"chosen": best["overrides"], "candidates": candidates}
    found = {
        "searches": tuning.searches,
        "first_seed": tuning.first_seed,
        "context": tuning.context_of(study),
        "measure": measure,
        "arms": arms,
    }
    return write_plain(kept, found)


def chosen(found: Mapping[str, Any]) -> dict[str, list[str]]:
    """The chosen overrides by arm."""
    return {arm: own["chosen"] for arm, own in found["arms"].items()}


def _candidate(
    arm: str,
    index: int,
    point: Sequence[str],
    seeds: range,
    measure: str,
    top_k: int,
    folder: Path,
    failures: Mapping[str, str],
) -> dict[str, Any]:
    names = [_folder(arm, index, seed) for seed in seeds]
    histories = [History.load(folder / name) for name in names if name not in failures]
    runs = [run_of(history, top_k) for history in histories]
    values = [run.value(measure) for run in runs]
    flops = [float(run.curve.axes["train_flops"][-1]) for run in runs if "train_flops" in run.curve.axes]
    devices = [individual.device_s for history in histories for individual in history.individuals]
    return {
        "overrides": list(point),
        "seeds": list(seeds),
        "values": values,
        "mean": mean(values) if len(values) == len(seeds) else None,
        "train_flops": sum(flops) if flops else None,
        "device_s": sum(devices),
    }


def _folder(arm: str, index: int, seed: int) -> str:
    return f"tuning/{arm}-{index}-s{seed}"
