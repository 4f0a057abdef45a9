"""The tables of a comparison as CSV files, for other programs: every run's curve, every run's end, every pair,
and what was measured again."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.comparison.curves import MEASURES
from nas.comparison.noise import SelectionGap
from nas.comparison.results import Comparison
from nas.comparison.study_file import write_text
from nas.search.spending import AXES

CURVES, RUNS, PAIRS, NOISE = "curves.csv", "runs.csv", "pairs.csv", "reevaluations.csv"
MOST_POINTS = 2000  # of a curve; longer ones are thinned evenly, their last point stays

_ENDS = ("area", "population", "asked", "failed", "random_share", "driver_s", "elapsed_s")
_NOISE = ("rank", "number", "selected", "reevaluated", "gap", "values")
_TESTED = ("p_raw", "p", "exact", "paired_p_raw", "paired_p", "detectable")
_PAIR = ("first", "second", "num_first", "num_second", "difference", "effect", *_TESTED)


def write_tables(comparison: Comparison, folder: Path) -> None:
    """Writes `curves.csv`, `runs.csv`, `pairs.csv` and, where some were measured again, `reevaluations.csv`, each whole
    or not at all.

    Raises:
        UserError: one cannot be written.
    """
    _write(folder / CURVES, ("context", "arm", "seed", *AXES, *MEASURES), _curves(comparison))
    finals = sorted({name for _, _, run in _runs(comparison) for name in run.finals})
    head = ("context", "arm", "seed", "folder", *AXES, *MEASURES, *_ENDS, *finals)
    _write(folder / RUNS, head, _ends(comparison, finals))
    _write(folder / PAIRS, ("context", "axis", "spent", "measure", *_PAIR), _pairs(comparison))
    if comparison.noise is not None:
        _write(folder / NOISE, ("context", "arm", "seed", *_NOISE), _noise(comparison.noise))


def _runs(comparison: Comparison) -> Iterator[tuple[str, str, Any]]:
    for context in comparison.contexts:
        for arm, runs in context.arms.items():
            for run in runs:
                yield context.name, arm, run


def _curves(comparison: Comparison) -> Iterator[list[Any]]:
    for context, arm, run in _runs(comparison):
        length = len(run.curve.best)
        step = -(-length // MOST_POINTS)
        for index in sorted({*range(0, length, step), length - 1}):
            yield [context, arm, run.seed, *_point(run, index)]


def _ends(comparison: Comparison, finals: Sequence[str]) -> Iterator[list[Any]]:
    for context, arm, run in _runs(comparison):
        own = {**{name: getattr(run.curve if name == "area" else run, name) for name in _ENDS}, **run.finals}
        rest = [own.get(name, "") for name in (*_ENDS, *finals)]
        yield [context, arm, run.seed, run.folder, *_point(run, -1), *("" if one is None else one for one in rest)]


def _point(run: Any, index: int) -> Iterator[Any]:
    for columns, names in ((run.curve.axes, AXES), (run.curve.measures, MEASURES)):
        for name in names:
            yield repr(float(columns[name][index])) if name in columns else ""


def _pairs(comparison: Comparison) -> Iterator[list[Any]]:
    for context in comparison.contexts:
        for judgement in (*context.judgements, *context.checkpoints):
            for pair in judgement.pairs:
                moment = (context.name, judgement.axis, judgement.spent, judgement.measure)
                yield [*moment, *("" if getattr(pair, key) is None else getattr(pair, key) for key in _PAIR)]


def _noise(noise: Mapping[str, Mapping[str, SelectionGap]]) -> Iterator[list[Any]]:
    for context, arms in noise.items():
        for arm, found in arms.items():
            for run in found.runs:
                for rank, one in enumerate(run.top, start=1):
                    values = " ".join(map(repr, one.values))
                    yield [context, arm, run.seed, rank, one.number, one.selected, one.mean, one.gap, values]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(head)
    writer.writerows(rows)
    write_text(path, table.getvalue())
