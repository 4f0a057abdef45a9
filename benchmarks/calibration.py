"""How often the comparison calls one algorithm different from itself.

    NAS_DATA=FOLDER python -m benchmarks.calibration [--studies 1000] [--first-study 0] [--folder FOLDER]

Every study is 20 searches of aging evolution on NAS-Bench-201, 10 in each of two arms that run the same algorithm under
two names; no search is in two studies, and the arms have other seeds, since equal ones would give equal searches.
Journals are read back and go through the functions of `nas.compare`: `make_arms`, `curve`, `compare_arms`. Arms of 5 to
9 are the first searches of the 10. Pairs of the signed-rank test are searches of no relation, of which its hypothesis
is true as well.

An exact test calls 5 % or less: with few seeds its p has few values, so that the level it can attain is below 5 %. For
the Mann-Whitney test that level is computed with the ties of every study. Printed per number of seeds: the share of
studies that were called significant with its exact binomial interval (Clopper-Pearson, 95 %), the attainable size, and
whether the interval holds it. Two minutes of processor time; a `--folder` in memory saves waiting for a disk.
"""

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scipy import stats

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.comparison.arms import make_arms
from nas.comparison.curves import Curve, curve
from nas.comparison.significance import LEVEL, attainable_size
from nas.comparison.statistics import LEAST_SEEDS_FOR_PAIRED_TESTS, LEAST_SEEDS_FOR_TESTS, compare_arms
from nas.evaluators.table import TableEvaluator
from nas.search_spaces.nasbench201 import NasBench201

SEEDS_PER_ARM = 10
POPULATION_SIZE, SAMPLE_SIZE = 10, 5
METRICS = {"best": lambda own: own.best[-1], "area": lambda own: own.area}
SPACE = NasBench201()


@dataclass(kw_only=True)
class Again(Evolution):
    """Aging evolution under another name, so that it is an arm of its own."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return "aging_again"


def study(number: int, evaluator: TableEvaluator, evaluations: int, folder: Path) -> list[list[Curve]]:
    """Searches, reads and arranges one study; its seeds are no other study's."""
    histories = []
    for index in range(2 * SEEDS_PER_ARM):
        kind = (Evolution, Again)[index // SEEDS_PER_ARM]
        seed = 2 * SEEDS_PER_ARM * number + index
        run = folder / f"{number}-{index}"
        run_search(
            space=SPACE,
            algorithm=kind(space=SPACE, population_size=POPULATION_SIZE, sample_size=SAMPLE_SIZE, survival="oldest"),
            evaluator=evaluator,
            budget=evaluations,
            seed=seed,
            run=run,
        )
        histories.append(History.load(run))
    arms = make_arms(histories, warn=_no_warning)
    assert list(map(len, arms.values())) == [SEEDS_PER_ARM, SEEDS_PER_ARM]
    return [[curve(history, top_k=10) for history in runs] for runs in arms.values()]


def tally(first: list[Curve], second: list[Curve]) -> Iterator[tuple[tuple[str, str, int], bool, float | None]]:
    """(test, metric, seeds), whether it was called significant, and the attainable size where it is known."""
    for metric, value in METRICS.items():
        for seeds in range(LEAST_SEEDS_FOR_TESTS, SEEDS_PER_ARM + 1):
            values = {"aging": [value(own) for own in first[:seeds]], "again": [value(own) for own in second[:seeds]]}
            (pair,) = compare_arms(values, paired=[("aging", "again")])
            assert pair.p is not None
            size = attainable_size([*values["aging"], *values["again"]], seeds)
            yield ("Mann-Whitney", metric, seeds), pair.significant, size
            if seeds >= LEAST_SEEDS_FOR_PAIRED_TESTS:
                assert pair.paired_p is not None
                yield ("signed-rank", metric, seeds), pair.paired_p <= LEVEL, None
            if pair.interval is not None:
                low, high = pair.interval
                yield ("interval without 0", metric, seeds), not low <= 0 <= high, None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1_000)
    parser.add_argument("--first-study", type=int, default=0, help="1000 gives 1,000 others than 0")
    parser.add_argument("--evaluations", type=int, default=50)
    parser.add_argument("--folder", help="where journals lie while a study runs; a folder in memory is faster")
    options = parser.parse_args()
    evaluator = TableEvaluator(
        space=SPACE,
        path=str(Path(os.environ.get("NAS_DATA", "data")) / "nasbench201.npz"),
        data="cifar10",
        epochs=12,
        seeds="mean",
        evaluation_s=2.4,
    )
    called: dict[tuple[str, str, int], list[bool]] = defaultdict(list)
    sizes: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for number in range(options.first_study, options.first_study + options.studies):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            curves = study(number, evaluator, options.evaluations, Path(folder))
        for key, significant, size in tally(*curves):
            called[key].append(significant)
            if size is not None:
                sizes[key].append(size)
    print(f"{options.studies} studies of 2 x {SEEDS_PER_ARM} searches of {options.evaluations} evaluations")
    for key, outcomes in called.items():
        print(_line(key, outcomes, sizes[key]))


def _line(key: tuple[str, str, int], outcomes: list[bool], sizes: list[float]) -> str:
    test, metric, seeds = key
    found = stats.binomtest(sum(outcomes), len(outcomes), LEVEL)
    interval = found.proportion_ci(method="exact")
    text = f"{test}, {metric}, {seeds} seeds: {found.statistic:.1%} ({interval.low:.1%} to {interval.high:.1%})"
    if sizes:
        size = sum(sizes) / len(sizes)
        verdict = "within" if interval.low <= size <= interval.high else "OUTSIDE"
        text += f", attainable {size:.2%} (without ties {attainable_size(range(2 * seeds), seeds):.2%}): {verdict}"
    return text + f"; 5 % is {'within' if interval.low <= LEVEL <= interval.high else 'outside'}"


def _no_warning(sentence: str) -> None:
    raise AssertionError(sentence)


if __name__ == "__main__":
    main()
