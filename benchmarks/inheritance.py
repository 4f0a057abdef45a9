"""What inherited weights and selection are worth: Large-Scale Evolution made small, beside its two controls.

    NAS_DATA=FOLDER python -m benchmarks.inheritance [--folder runs/inheritance] [--plot docs/large-scale-small.svg]

Three seeds of `experiment=large_scale_small` for each of three arms: as it is, without inheritance, and with random
selection (Real et al. 2017, arXiv 1703.01041, section 4 and figure 2). Every child trains for the same number of steps,
so at equal numbers of children all have seen the same number of examples. Prints, per arm: the best validation accuracy
and the test accuracy of that individual, from its sealed file, which is opened here for the first time. Searches run
two at a time, one worker each, and go on where they stopped. The plot needs matplotlib (the extra `bench`).
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

from nas import History
from nas.evaluators.train import SEALED_FILE
from nas.search.children import FOLDER_NAME

EXPERIMENT = "large_scale_small"
ARMS = {
    "evolution": [],
    "no inheritance": ["evaluator.inherit=false"],
    "random selection": ["algorithm.selection=random"],
}
SEEDS = (0, 1, 2)
SEARCHES_AT_ONCE = 2


def search(run: Path, overrides: Sequence[str]) -> None:
    """Runs one search, or what is left of it. One worker: in number order that is another search than with two."""
    own = [f"experiment={EXPERIMENT}", f"run={run}", "hardware.workers=1", "progress=none", *overrides]
    subprocess.run([sys.executable, "-m", "nas.evolve", *own], check=True, stdout=subprocess.DEVNULL)


def best_so_far(history: History) -> list[float]:
    """After every evaluation, the best validation accuracy."""
    return list(accumulate((individual.fitness or 0.0 for individual in history.told), max))


def test_of_best(history: History) -> float:
    """The sealed test accuracy of the individual with the best validation accuracy."""
    assert history.best is not None
    folder = history.path.parent / FOLDER_NAME / f"{history.best.number:06d}"
    return float(json.loads((folder / SEALED_FILE).read_text())["test_accuracy"])


def plot(curves: dict[str, list[list[float]]], path: Path) -> None:
    """Mean over seeds, every run faint behind it."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "nas", "font.size": 10})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for arm, runs in curves.items():
        means = [statistics.fmean(values) for values in zip(*runs, strict=False)]
        (line,) = axes.plot(range(1, len(means) + 1), means, linewidth=2, label=arm)
        for run in runs:
            axes.plot(range(1, len(run) + 1), run, linewidth=0.7, alpha=0.4, color=line.get_color())
    axes.set_xlabel("individuals told")
    axes.set_ylabel("best validation accuracy so far")
    axes.grid(alpha=0.2)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/inheritance"))
    parser.add_argument("--plot", type=Path, default=Path("runs/inheritance/large-scale-small.svg"))
    options = parser.parse_args()
    runs = {(arm, seed): options.folder / f"{arm.replace(' ', '-')}-{seed}" for seed in SEEDS for arm in ARMS}
    with ThreadPoolExecutor(SEARCHES_AT_ONCE) as pool:
        list(pool.map(lambda key: search(runs[key], [f"seed={key[1]}", *ARMS[key[0]]]), runs))
    histories = {key: History.load(run) for key, run in runs.items()}
    print("| arm | validation, best | test of that individual | test, each run | training examples of a run |")
    print("|---|---|---|---|---|")
    for arm in ARMS:
        own = [histories[arm, seed] for seed in SEEDS]
        valid = [best_so_far(history)[-1] for history in own]
        test = [test_of_best(history) for history in own]
        examples = {sum(individual.metrics["train_examples"] for individual in history.told) for history in own}
        each = ", ".join(f"{value:.4f}" for value in test)
        print(f"| {arm} | {_mean_sd(valid)} | {_mean_sd(test)} | {each} | {', '.join(map(str, sorted(examples)))} |")
    plot({arm: [best_so_far(histories[arm, seed]) for seed in SEEDS] for arm in ARMS}, options.plot)


def _mean_sd(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.4f} ± {statistics.stdev(values):.4f}"


if __name__ == "__main__":
    main()
