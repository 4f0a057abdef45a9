"""A study: which searches are compared, decided before the first of them runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from nas.comparison.curves import MEASURES
from nas.errors import UserError

ONLY = "all"  # the name of the one context of a study that names none
PRIMARY = (*MEASURES, "area", "population")


@dataclass(frozen=True, kw_only=True)
class Search:
    """One search of a study.

    Attributes:
        context, arm, seed: where it belongs.
        overrides: of `python -m nas.evolve`, without seed and folder.
        folder: of its run, relative to the study's.
    """

    context: str
    arm: str
    seed: int
    overrides: tuple[str, ...]
    folder: str


@dataclass(frozen=True, kw_only=True)
class Study:
    """Algorithms or settings (arms) under the same conditions, in one or several contexts, with the same seeds.

    Attributes:
        base: Hydra overrides of every search, as one types them after `python -m nas.evolve`.
        contexts: further overrides, by the name of a context: a data set, a size; every arm runs in each.
        arms: further overrides, by the name of an arm.
        seeds: how many searches each arm has in each context: 0, 1, ...
        primary: what conclusions are drawn from, a key of `MEASURES`, "area" (mean of the best so far over evaluations)
            or "population" (mean fitness of those alive at the end).
        top_k: how many of the best are averaged and kept.
        checkpoints: evaluations at which arms are compared beside the end.
        threshold: the primary curve's height to which time is measured; None measures none.
        published: orderings of two arms that were published, which the page says it reproduces, contradicts or cannot
            resolve: `{better: ARM, worse: ARM, source: TEXT}`, and `contexts: [NAMES]` where not all are meant.
    """

    base: Sequence[str] = ()
    contexts: Mapping[str, Sequence[str]]
    arms: Mapping[str, Sequence[str]]
    seeds: int
    primary: str
    top_k: int
    checkpoints: Sequence[int] = ()
    threshold: float | None = None
    published: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        if len(self.arms) < 2:
            raise UserError(f"compare.arms names {len(self.arms)} arm, a study compares at least 2")
        for key in ("seeds", "top_k"):
            value = getattr(self, key)
            if type(value) is not int or value < 1:
                raise UserError(f"compare.{key} is {value!r}, it must be a whole number of at least 1")
        if self.primary not in PRIMARY:
            raise UserError(f"compare.primary is {self.primary!r}, allowed are {', '.join(PRIMARY)}")
        if not all(type(point) is int and point > 0 for point in self.checkpoints):
            raise UserError(f"compare.checkpoints are {list(self.checkpoints)}, they must be whole numbers above 0")
        for ordering in self.published:
            _check_ordering(ordering, self.arms, self.named_contexts)
        for key in ("contexts", "arms"):
            for name, overrides in getattr(self, key).items():
                _check_name(key, name)
                _check_overrides(f"compare.{key}.{name}", overrides)
        _check_overrides("compare.base", self.base)

    @property
    def named_contexts(self) -> Mapping[str, Sequence[str]]:
        """The contexts, or the only one."""
        return self.contexts or {ONLY: ()}

    def overrides(self, context: str, arm: str) -> tuple[str, ...]:
        """Of the searches of an arm in a context."""
        return (*self.base, *self.named_contexts[context], *self.arms[arm])

    def searches(self) -> list[Search]:
        """All, the seeds one after the other: a study that is cut short has all arms for the first seeds."""
        return [
            Search(
                context=context,
                arm=arm,
                seed=seed,
                overrides=self.overrides(context, arm),
                folder=f"searches/{context}/{arm}-s{seed}",
            )
            for seed, context, arm in product(range(self.seeds), self.named_contexts, self.arms)
        ]

    def tuned(self, chosen: Mapping[str, Sequence[str]]) -> "Study":
        """The study with further overrides of its arms, see `nas.comparison.tuning`."""
        return replace(self, arms={arm: (*own, *chosen.get(arm, ())) for arm, own in self.arms.items()})

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        named = {key: {name: list(own) for name, own in getattr(self, key).items()} for key in ("contexts", "arms")}
        return {
            **named,
            "base": list(self.base),
            "seeds": self.seeds,
            "primary": self.primary,
            "top_k": self.top_k,
            "checkpoints": list(self.checkpoints),
            "threshold": self.threshold,
            "published": [dict(ordering) for ordering in self.published],
        }


def _check_name(key: str, name: Any) -> None:
    allowed = isinstance(name, str) and name.strip(".") and all(sign.isalnum() or sign in "._+-" for sign in name)
    if not allowed:
        raise UserError(f"compare.{key} has the name {name!r}, names are letters, digits, dots, + - and _")


def _check_ordering(ordering: Any, arms: Mapping[str, Any], contexts: Mapping[str, Any]) -> None:
    needed = {"better", "worse", "source"}
    if not isinstance(ordering, Mapping) or set(ordering) - {"contexts"} != needed:
        raise UserError(f"compare.published has {ordering!r}, it must be {{better: ARM, worse: ARM, source: TEXT}}")
    for key, names, allowed in (
        ("better", [ordering["better"]], arms),
        ("worse", [ordering["worse"]], arms),
        ("contexts", ordering.get("contexts", []), contexts),
    ):
        for name in names:
            if name not in allowed:
                raise UserError(f"compare.published has {key}: {name!r}, allowed are {', '.join(allowed)}")


def _check_overrides(key: str, overrides: Any) -> None:
    if isinstance(overrides, str) or not isinstance(overrides, Sequence):
        raise UserError(f"{key} is {overrides!r}, it must be a list of overrides such as [algorithm=aging]")
    for override in overrides:
        if not isinstance(override, str) or ("=" not in override and not override.startswith("~")):
            raise UserError(f"{key} has {override!r}, it must be an override such as algorithm=aging")
        if override.lstrip("+").partition("=")[0] in ("seed", "run", "runs_dir"):
            raise UserError(f"{key} has {override!r}, the study itself sets seed and folder")
