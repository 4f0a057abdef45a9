"""Tables of a comparison's page, as text."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import numpy as np

from nas.comparison.bands import time_to
from nas.comparison.checklist import TABLES
from nas.comparison.curves import MEASURES
from nas.comparison.results import Context, Judgement, Settings, mean_and_error
from nas.comparison.runs import Run
from nas.comparison.statistics import Pair
from nas.reporting import labels
from nas.search.spending import AXES

NONE = "–"


@dataclass(frozen=True, kw_only=True)
class Table:
    """
    Attributes:
        title: what it shows.
        head: names of the columns.
        rows: text, as long as the head; of an arm where `arms` says so.
        arms: places of the arms that the rows are of; empty where rows are something else.
        notes: below it.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    arms: Sequence[int] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def found_table(context: Context, settings: Settings) -> Table:
    """What the arms found: a row for each."""
    columns: list[tuple[str, Callable[[Sequence[Run]], str]]] = [("seeds", lambda runs: str(len(runs)))]
    names = {"best": "best", "top": "MVA", "test_best": "test of best", "test_top": "MTA"}
    for measure, name in names.items():
        if all(measure in run.curve.measures for run in context.runs):
            columns.append((name, partial(_ended, measure)))
    columns.append(("area", _over(lambda run: run.curve.area)))
    if all(run.population is not None for run in context.runs):
        columns.append(("population", _over(lambda run: run.population or 0.0)))
    head = ["arm", *(name for name, _ in columns)]
    rows = [[arm, *(text(runs) for _, text in columns)] for arm, runs in context.arms.items()]
    return Table(
        title="What was found",
        head=head,
        rows=[*rows, *_sampling(context, head), *_references(context, head)],
        arms=range(len(context.arms)),
        notes=[
            "Mean over the runs of an arm ± its standard error. best: highest validation accuracy; MVA and MTA: mean "
            f"validation and test accuracy of the {settings.top_k} best by validation; area: mean of the best so far "
            "over evaluations; population: mean fitness of those alive at the end; one random draw: what a single "
            "random individual has, mean over those of a run."
        ],
    )


def _sampling(context: Context, head: Sequence[str]) -> list[list[str]]:
    """The row of random sampling: what the spaces hold without any search."""
    runs = context.sampled
    if not runs:
        return []
    found = {"seeds": str(len(runs)), "best": mean_and_error([run.sampled[0] for run in runs if run.sampled])}
    tests = [run.sampled[1] for run in runs if run.sampled and run.sampled[1] is not None]
    if tests:
        found["test of best"] = mean_and_error(tests)
    return [["one random draw", *(found.get(name, NONE) for name in head[1:])]]


def _references(context: Context, head: Sequence[str]) -> Iterator[list[str]]:
    """A row for each architecture that no search found."""
    for reference in context.references:
        found = {"best": f"{reference.valid:.4f}", "test of best": f"{reference.test:.4f}"}
        yield [reference.name, *(found.get(name, NONE) for name in head[1:])]


def finals_table(context: Context) -> Table | None:
    """Final accuracies of the best by validation, where a table holds them: a row for each arm and each reference."""
    names = sorted(set.intersection(*(set(run.finals) for run in context.runs)))
    if not names:
        return None
    arms = [
        [arm, *(mean_and_error([run.finals[name] for run in runs]) for name in names)]
        for arm, runs in context.arms.items()
    ]
    references = [[one.name, *(f"{one.finals[name]:.4f}" for name in names)] for one in context.references]
    return Table(
        title="Final accuracies of the best by validation",
        head=["arm", *(name.replace("_", " ") for name in names)],
        rows=[*arms, *references],
        arms=range(len(arms)),
    )


def cost_table(context: Context, settings: Settings) -> Table:
    """What the arms spent: a row for each."""
    columns: list[tuple[str, Callable[[Sequence[Run]], str]]] = []
    axes = [name for name in AXES if all(name in run.curve.axes for run in context.runs)]
    words = {**AXES, **({"time_s": "simulated seconds"} if is_simulated(context) else {})}
    for name in axes:
        columns.append((f"{words[name]} of a run", partial(_spent, name)))
    measure = settings.primary if settings.primary in MEASURES else "best"
    if settings.threshold is not None:
        for name in axes:
            to = f"{words[name]} to {settings.threshold:g}"
            columns.append((to, partial(_reached, name, measure, settings.threshold)))
    columns += [
        ("children failed", lambda runs: _share([run.failed_share for run in runs])),
        ("drawn at random", lambda runs: _share([run.random_share for run in runs])),
        ("time of the driver", lambda runs: _share([run.driver_s / max(run.elapsed_s, 1e-9) for run in runs])),
        ("wall clock", lambda runs: labels.duration(sum(run.elapsed_s for run in runs))),
        ("device time", lambda runs: labels.duration(sum(run.device_s for run in runs))),
    ]
    notes = [
        "Spent by a run: the mean over runs. Time of the driver: share of a search's wall clock between the end of a "
        "child and the next question, the algorithm and its journal. Wall clock and device time: of all runs of an arm."
    ]
    if settings.threshold is not None:
        notes.append(
            f"To {settings.threshold:g}, of the {MEASURES[measure].format(k=settings.top_k)}: the median over runs, "
            "those that never reached it counting as later than all others; in brackets how many did."
        )
    return Table(
        title="What it cost",
        head=["arm", *(name for name, _ in columns)],
        rows=[[arm, *(text(runs) for _, text in columns)] for arm, runs in context.arms.items()],
        arms=range(len(context.arms)),
        notes=notes,
    )


def is_simulated(context: Context) -> bool:
    """Whether time is that of trainings which were looked up."""
    return all(run.conditions.identity["evaluator"].get("name") in TABLES for run in context.runs)


def pairs_table(judgement: Judgement, title: str) -> Table:
    """The statistics of all pairs; of those below the least number of seeds no test, and why."""
    pairs = judgement.pairs
    tested = any(pair.p is not None for pair in pairs)
    head = ["pair", "difference"]
    if tested:
        head = ["pair", "difference", "95 % interval", "A", "p (Holm)", "paired p (Holm)", "detectable"]
    rows = [_pair(pair, tested) for pair in pairs]
    reasons = {
        "no test": [pair.no_test for pair in pairs],
        "no interval": [pair.no_interval for pair in pairs] if tested else [],
        "no paired test": [pair.no_paired_test for pair in pairs] if tested else [],
        "no detectable difference": [pair.not_detectable for pair in pairs] if tested else [],
    }
    return Table(title=title, head=head, rows=rows, notes=_reasons(pairs, reasons))


def means_table(judgements: Sequence[tuple[str, Judgement]], title: str) -> Table:
    """Mean and standard error of every arm: a row for each judgement.

    Args:
        judgements: each with what its row is called.
    """
    arms = list(judgements[0][1].values)
    rows = [[name, *(mean_and_error(one.values[arm]) for arm in arms)] for name, one in judgements]
    return Table(title=title, head=["", *arms], rows=rows)


def p_value(p: float) -> str:
    return f"{p:.2g}"


def _pair(pair: Pair, tested: bool) -> list[str]:
    name, difference, effect = f"{pair.first} − {pair.second}", f"{pair.difference:+.4f}", f"{pair.effect:.2f}"
    if not tested:
        return [name, difference]
    interval = NONE if pair.interval is None else f"{pair.interval[0]:+.4f} to {pair.interval[1]:+.4f}"
    p = NONE if pair.p is None else p_value(pair.p) + ("" if pair.exact else " (approximate)")
    paired = NONE if pair.paired_p is None else p_value(pair.paired_p)
    detectable = NONE if pair.detectable is None else f"{pair.detectable:.4f}"
    return [name, difference, interval, effect, p, paired, detectable]


def _reasons(pairs: Sequence[Pair], reasons: dict[str, list[str | None]]) -> list[str]:
    """Why something is missing, each reason once with the pairs it holds for."""
    notes = []
    for what, found in reasons.items():
        named = sorted(
            ((reason, f"{pair.first} − {pair.second}") for reason, pair in zip(found, pairs, strict=True) if reason)
            if found
            else ()
        )
        for reason, group in groupby(named, key=lambda one: one[0]):
            whose = [name for _, name in group]
            where = "" if len(whose) == len(pairs) else f" ({', '.join(whose)})"
            notes.append(f"{what[0].upper()}{what[1:]}{where}: {reason}.")
    return notes


def _over(value: Callable[[Run], float]) -> Callable[[Sequence[Run]], str]:
    return lambda runs: mean_and_error([float(value(run)) for run in runs])


def _ended(measure: str, runs: Sequence[Run]) -> str:
    return mean_and_error([float(run.curve.measures[measure][-1]) for run in runs])


def _spent(axis: str, runs: Sequence[Run]) -> str:
    value = sum(float(run.curve.axes[axis][-1]) for run in runs) / len(runs)
    return quantity(axis, value)


def _reached(axis: str, measure: str, threshold: float, runs: Sequence[Run]) -> str:
    columns = [(run.curve.axes[axis], run.curve.measures[measure]) for run in runs]
    found = time_to([x for x, _ in columns], [y for _, y in columns], threshold)
    median = NONE if found.median is None else quantity(axis, found.median)
    return f"{median} ({len(runs) - found.num_censored} of {len(runs)})"


def quantity(axis: str, value: float) -> str:
    """So much of what an axis shows."""
    if axis == "train_flops":
        return f"{value:.3g}"
    return labels.count(value) if axis == "evaluations" else f"{value:,.{0 if value >= 100 else 2}f}"


def _share(values: Sequence[float]) -> str:
    return f"{float(np.mean(values)):.1%}"
