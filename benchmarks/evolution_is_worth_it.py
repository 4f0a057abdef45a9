"""Whether evolution finds better cells than luck: the demo's search, beside random search at equal budget.

    python -m benchmarks.evolution_is_worth_it [--folder runs/worth-it]

For each of 3 search seeds: aging evolution and random search (`experiment=demo`); the top 5 of each by validation, and
the first 10 random individuals of the evolution, are trained anew with 3 new seeds and tested once each. Prints mean
test accuracies and the mean differences with 95 % intervals over the search seeds (Student's t). Goes on where it
stopped: each training is a line of `trainings.jsonl` in the folder.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose, initialize_config_dir

from nas import History
from nas.application import build, config_folder

SEARCH_SEEDS, TRAINING_SEEDS = (0, 1, 2), (1_000_001, 1_000_002, 1_000_003)
TOP, FIRST = 5, 10
T_975_OF_2 = 4.303  # Student's t for three search seeds
EXPERIMENT = "experiment=demo"


class Training(NamedTuple):
    """One model to train and test: which arm and search it stands for, its genome's JSON, and the new seed."""

    arm: str
    search_seed: int
    number: int
    genome: str
    seed: int


def search(folder: Path, algorithm: str, seed: int) -> History:
    run = folder / f"{algorithm}-{seed}"
    overrides = [EXPERIMENT, f"algorithm={algorithm}", f"seed={seed}", f"run={run}", "progress=none", "report=false"]
    subprocess.run([sys.executable, "-m", "nas.evolve", *overrides], check=True, stdout=subprocess.DEVNULL)
    return History.load(run)


def trainings(folder: Path) -> Iterator[Training]:
    for search_seed in SEARCH_SEEDS:
        evolved = search(folder, "aging", search_seed)
        arms = {
            "evolution, top 5": evolved.top(TOP),
            "evolution, first 10": evolved.individuals[:FIRST],
            "random search, top 5": search(folder, "random", search_seed).top(TOP),
        }
        for arm, individuals in arms.items():
            for individual in individuals:
                for seed in TRAINING_SEEDS:
                    genome = json.dumps(individual.genome, sort_keys=True)
                    yield Training(arm, search_seed, individual.number, genome, seed)


def test_accuracy(training: Training) -> float:
    """Trains the genome by the demo's recipe and measures the test part once."""
    from nas.training.build import fresh_network
    from nas.training.fit import fit

    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[EXPERIMENT])
    space = build(config.search_space, "search_space")
    evaluator = build(config.evaluator, "evaluator", space=space)
    architecture = space.architecture(space.from_json(json.loads(training.genome)))
    network = fresh_network(evaluator.network, architecture, evaluator.dataset, training.seed)
    result = fit(
        network, evaluator.dataset, evaluator.training, evaluator.hardware, seed=training.seed, measure=["test"]
    )
    assert result.test_accuracy is not None
    return result.test_accuracy


def measured(folder: Path) -> dict[Training, float]:
    """All trainings with their test accuracies; those that the folder has already are not done again."""
    path = folder / "trainings.jsonl"
    done: dict[Training, float] = {}
    if path.exists():
        for line in path.read_text().splitlines():
            *fields, accuracy = json.loads(line)
            done[Training(*fields)] = accuracy
    todo = [training for training in trainings(folder) if training not in done]
    with ProcessPoolExecutor(2) as pool, path.open("a") as file:
        for training, accuracy in zip(todo, pool.map(test_accuracy, todo), strict=True):
            done[training] = accuracy
            file.write(json.dumps([*training, accuracy]) + "\n")
            file.flush()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/worth-it"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    results = measured(folder)
    arms = sorted({training.arm for training in results})
    means: dict[str, list[float]] = {arm: [_mean(results, arm, seed) for seed in SEARCH_SEEDS] for arm in arms}
    for arm, values in means.items():
        by_seed = " ".join(f"{value:.4f}" for value in values)
        print(f"{arm}: mean test accuracy {statistics.fmean(values):.4f} (search seeds: {by_seed})")
    for other in ("evolution, first 10", "random search, top 5"):
        pairs = zip(means["evolution, top 5"], means[other], strict=True)
        differences = [mine - theirs for mine, theirs in pairs]
        half = T_975_OF_2 * statistics.stdev(differences) / math.sqrt(len(differences))
        mean = statistics.fmean(differences)
        print(f"evolution's top 5 - {other}: {mean:+.4f} (95 % interval {mean - half:+.4f} to {mean + half:+.4f})")


def _mean(results: dict[Training, Any], arm: str, search_seed: int) -> float:
    chosen = [value for key, value in results.items() if (key.arm, key.search_seed) == (arm, search_seed)]
    return statistics.fmean(chosen)


if __name__ == "__main__":
    main()
