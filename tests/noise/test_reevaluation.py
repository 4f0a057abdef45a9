"""The best of a study's searches measured again: against brute force, resumed, by real trainings, by a command."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nas_launchers.inline import InlineExecutor
from scipy import stats

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.comparison.study import Search
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.toy import Toy
from nas.evaluators.train import TrainEvaluator
from nas.noise.reevaluation import Reevaluation, reevaluate, reevaluation_seed
from nas.search.locked_folder import locked_folder
from nas.search_spaces.bits import Bits
from tests.helpers import parts

ROOT = Path(__file__).parents[2]
BITS = Bits(num_bits=8)
NOISE = 0.1


@dataclass(frozen=True)
class Parts:
    space: Any
    evaluator: Any

    def make_executor(self, folder: Path) -> Any:
        return InlineExecutor()


TOY = Parts(BITS, Toy(space=BITS, noise=NOISE, counted=1))


def searched(folder: Path, own: Parts, seeds: int, budget: int) -> list[Search]:
    searches = [
        Search(context="all", arm="random", seed=seed, overrides=(), folder=f"searches/all/random-s{seed}")
        for seed in range(seeds)
    ]
    for search in searches:
        algorithm = RandomSearch(own.space)
        place = folder / search.folder
        run_search(
            space=own.space, algorithm=algorithm, evaluator=own.evaluator, budget=budget, seed=search.seed, run=place
        )
    return searches


def measured(folder: Path, searches: Sequence[Search], own: Parts, top: int, seeds: int | str) -> Any:
    wanted, said = Reevaluation(top=top, seeds=seeds), []
    with locked_folder(folder, "study folder", lambda: None) as lock:
        return reevaluate(searches, folder, wanted, lambda _: own, lock, said.append)["all"]["random"]


def brute_force(rng: np.random.Generator, studies: int, budget: int, top: int) -> np.ndarray:
    """Mean luck of the top of random genomes of 8 bits, one number per study."""
    true = rng.integers(0, 2, size=(studies, budget, 8)).mean(axis=2)
    seen = np.clip(true + NOISE * rng.normal(size=true.shape), 0, 1)
    points = np.linspace(-8, 8, 4001)
    weights = np.exp(-(points**2) / 2) / np.exp(-(points**2) / 2).sum()
    levels = np.array([(np.clip(level / 8 + NOISE * points, 0, 1) * weights).sum() for level in range(9)])
    expected = levels[np.rint(8 * true).astype(int)]
    best = np.argsort(-seen, axis=1)[:, :top]
    return np.take_along_axis(seen - expected, best, axis=1).mean(axis=1)


def test_the_gap_of_the_toy_is_that_of_a_brute_force_simulation(tmp_path: Path) -> None:
    searches = searched(tmp_path, TOY, seeds=120, budget=30)
    exact = measured(tmp_path, searches, TOY, top=3, seeds="exact")
    simulated = brute_force(np.random.default_rng(0), 20_000, 30, 3)
    assert stats.ttest_ind(exact.gaps, simulated, equal_var=False).pvalue > 1e-3
    assert stats.ttest_1samp(exact.gaps, 0).pvalue < 1e-12  # noise that is selected is not nothing
    again = measured(tmp_path, searches, TOY, top=3, seeds=4)
    differences = np.subtract(again.gaps, exact.gaps)
    assert stats.ttest_1samp(differences, 0).pvalue > 1e-3
    assert (again.seeds, exact.seeds, len(again.runs)) == (4, None, 120)


def test_what_is_there_is_not_measured_again(tmp_path: Path) -> None:
    searches = searched(tmp_path, TOY, seeds=2, budget=10)
    first = measured(tmp_path, searches, TOY, top=2, seeds=3)
    best = History.load(tmp_path / searches[1].folder).top(2)
    assert [one.number for one in first.runs[1].top] == [individual.number for individual in best]
    for one, individual in zip(first.runs[1].top, best, strict=True):
        assert one.selected == individual.fitness
        values = []
        for index in range(3):
            task = Task(
                number=0, genome=BITS.from_json(individual.genome), seed=reevaluation_seed(1, one.number, index)
            )
            values.append(TOY.evaluator.evaluate(task)["valid_accuracy"])
        assert one.values == tuple(values)
        assert individual.seed not in {reevaluation_seed(1, one.number, index) for index in range(3)}
    file = tmp_path / "reevaluations" / "all" / "random-s1.json"
    told = json.loads(file.read_text())
    told["individuals"][0]["values"]["0"] = 0.123
    file.write_text(json.dumps(told))
    more = measured(tmp_path, searches, TOY, top=4, seeds=4)
    assert more.runs[1].top[0].values[0] == 0.123
    assert more.runs[1].top[0].values[1:3] == first.runs[1].top[0].values[1:]
    assert [len(one.values) for one in more.runs[1].top] == [4, 4, 4, 4]
    fewer = measured(tmp_path, searches, TOY, top=1, seeds=3)
    assert [len(one.values) for one in fewer.runs[1].top] == [3]
    told["individuals"][0]["selected"] = 0.5
    file.write_text(json.dumps(told))
    with pytest.raises(UserError, match="are of another search"):
        measured(tmp_path, searches, TOY, top=2, seeds=3)
    file.write_text("{")
    with pytest.raises(UserError, match=r"random-s1\.json cannot be read"):
        measured(tmp_path, searches, TOY, top=2, seeds=3)


def test_what_cannot_be_measured_is_told(tmp_path: Path) -> None:
    searches = searched(tmp_path, TOY, seeds=1, budget=5)
    louder = Parts(BITS, replace(TOY.evaluator, noise=0.2))
    with pytest.raises(UserError, match=r"another evaluator\.noise \(0\.1 there, 0\.2 here\)"):
        measured(tmp_path, searches, louder, top=1, seeds=1)
    for top, seeds, sentence in ((-1, 0, "top is -1"), (1, 0, "seeds is 0"), (1, "all", "seeds is 'all'")):
        with pytest.raises(UserError, match=sentence):
            Reevaluation(top=top, seeds=seeds)


def test_trainings_are_made_anew_where_the_searchs_were(tmp_path: Path) -> None:
    evaluator = TrainEvaluator(
        space=parts.SPACE,
        dataset=parts.dataset(),
        network=parts.network(),
        training=parts.recipe(),
        hardware=parts.hardware(),
        sealed_test=True,
    )
    own = Parts(parts.SPACE, evaluator)
    searches = searched(tmp_path, own, seeds=1, budget=2)
    found = measured(tmp_path, searches, own, top=1, seeds=2)
    values = found.runs[0].top[0].values
    assert len(set(values)) == 2
    results = sorted((tmp_path / "reevaluations" / "trainings").rglob("result.json"))
    assert [json.loads(path.read_text())["metrics"]["valid_accuracy"] for path in results] == list(values)
    assert not list((tmp_path / "reevaluations").rglob("sealed.json"))
    for path in results:
        path.unlink()
    (tmp_path / "reevaluations" / "all" / "random-s0.json").rename(tmp_path / "aside")
    assert measured(tmp_path, searches, own, top=1, seeds=2) == found  # the same seeds give the same bits
    with pytest.raises(UserError, match="evaluator=train does not know the mean over all seeds"):
        measured(tmp_path, searches, own, top=1, seeds="exact")


def test_the_command(tmp_path: Path) -> None:
    arms = ["+compare.arms.aging=['algorithm=aging']", "+compare.arms.random=['algorithm=random']"]
    base = "compare.base=['experiment=toy','budget.evaluations=60','population.size=10','population.sample_size=5']"
    command = [sys.executable, "-m", "nas.compare", *arms, base, "compare.seeds=2", f"out={tmp_path / 'study'}"]
    wanted = ["compare.reevaluate.top=3", "compare.reevaluate.seeds=5"]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, cwd=ROOT, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "Selection gap: fitness when selected minus re-evaluated, top 3, 5 new seeds each" in done.stdout
    rows = (tmp_path / "study" / "reevaluations.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 * 2 * 3
    assert "reevaluate" not in (tmp_path / "study" / "study.json").read_text()
    wrong = subprocess.run(
        [*command, "compare.reevaluate.top=3"], capture_output=True, text=True, cwd=ROOT, timeout=200
    )
    assert (wrong.returncode, "compare.reevaluate.seeds is 0" in wrong.stderr) == (2, True)
