"""Comparisons of real journals: curves by hand, arms, what is refused, and the command."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nas import History, run_search
from nas.algorithms.base import Algorithm
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.comparison.arms import make_arms
from nas.comparison.curves import curve
from nas.comparison.gathering import gather_runs
from nas.comparison.printing import summary
from nas.comparison.results import Settings
from nas.comparison.runs import run_of, share_initial_population
from nas.errors import UserError
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=20)


def aging(population_size: int = 10) -> Evolution:
    return Evolution(space=SPACE, population_size=population_size, sample_size=5, survival="oldest")


def search(folder: Path, algorithm: Algorithm, seed: int = 0, budget: int = 40, noise: float = 0.01) -> History:
    return run_search(
        space=SPACE,
        algorithm=algorithm,
        evaluator=Toy(space=SPACE, noise=noise, counted=1),
        budget=budget,
        seed=seed,
        run=folder,
    ).history()


def test_curves_by_hand(tmp_path: Path) -> None:
    history = search(tmp_path / "a", aging())
    found = curve(history, top_k=3)
    fitness = [individual.fitness or 0.0 for individual in history.told]
    for number in range(1, 41):
        best = sorted(fitness[:number], reverse=True)
        assert found.best[number - 1] == best[0]
        assert found.top[number - 1] == pytest.approx(sum(best[:3]) / len(best[:3]))
    assert found.area == pytest.approx(sum(found.best) / 40)
    assert "train_flops" not in found.axes
    reached = found.spent_to("evaluations", found.best[20])
    assert reached is not None
    assert reached <= 21
    assert found.spent_to("evaluations", 2.0) is None
    assert found.at("evaluations", 0.5, "best") is None
    assert found.at("evaluations", 7.9, "best") == found.best[6]
    assert found.at("evaluations", 1e9, "top") == found.top[-1]


def test_arms_are_named_by_what_tells_them_apart(tmp_path: Path) -> None:
    runs = [
        search(tmp_path / "a1", aging(), 1),
        search(tmp_path / "b", aging(20)),
        search(tmp_path / "a0", aging(), 0),
        search(tmp_path / "c", RandomSearch(SPACE)),
    ]
    arms = make_arms(runs, pytest.fail)
    assert list(arms) == ["aging (population_size=10)", "aging (population_size=20)", "random"]
    assert [history.identity["seed"] for history in arms["aging (population_size=10)"]] == [0, 1]


def test_what_cannot_be_compared_is_refused_and_with_force_a_warning(tmp_path: Path) -> None:
    base = search(tmp_path / "base", aging())
    cases: list[tuple[Any, str]] = [
        (search(tmp_path / "noise", RandomSearch(SPACE), noise=0.5), "differ in evaluator.noise"),
        (search(tmp_path / "budget", RandomSearch(SPACE), budget=41), "differ in budget.evaluations"),
        (search(tmp_path / "twice", aging()), "has seed 0 twice"),
    ]
    for other, sentence in cases:
        with pytest.raises(UserError, match=sentence):
            make_arms([base, other], pytest.fail)
        said: list[str] = []
        make_arms([base, other], said.append, force=True)
        assert [sentence in line for line in said] == [True]
    with pytest.raises(UserError, match="1 search cannot be compared"):
        make_arms([base], pytest.fail)
    open_run = tmp_path / "open"
    open_run.mkdir()
    lines = base.path.read_bytes().splitlines(keepends=True)
    (open_run / "history.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(UserError, match="the search open is not finished"):
        make_arms([base, History.load(open_run)], pytest.fail)


def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "nas.compare", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=200)


def test_the_command(tmp_path: Path) -> None:
    runs = []
    for seed in range(5):
        runs.append(search(tmp_path / f"aging-{seed}", aging(), seed, budget=100))
        runs.append(search(tmp_path / f"random-{seed}", RandomSearch(SPACE), seed, budget=100))
    names = ",".join(str(history.path.parent) for history in runs)
    out = tmp_path / "page"
    done = compare(f"run=[{names}]", f"out={out}", "compare.top_k=5")
    assert done.returncode == 0, done.stderr
    assert "10 searches." in done.stdout
    assert "aging - random: +" in done.stdout
    assert "exact Mann-Whitney" in done.stdout
    assert f"Page: {out / 'comparison.html'}" in done.stdout
    assert "python -m nas.compare" in (out / "comparison.html").read_text(encoding="utf-8")
    with (out / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1000
    last = [row for row in rows if (row["arm"], row["seed"], row["evaluations"]) == ("aging", "3", "100.0")]
    assert float(last[0]["best"]) == runs[6].best.fitness  # type: ignore[union-attr]
    few = compare(f"run=[{','.join(names.split(',')[:4])}]", f"out={out}")
    assert "no test: 2 seeds per arm, tests need 5" in few.stdout
    missing = compare("run=[nowhere,elsewhere]")
    assert (missing.returncode, missing.stderr.startswith("nas: there is no journal at nowhere")) == (2, True)
    nothing = compare()
    assert (nothing.returncode, nothing.stderr.startswith("nas: nothing is said to compare")) == (2, True)


def test_one_random_draw_is_the_mean_of_the_random_ones(tmp_path: Path) -> None:
    history = search(tmp_path / "a", aging())
    drawn = [individual.fitness or 0.0 for individual in history.told if not individual.parents]
    assert len(drawn) == 10
    run = run_of(history, top_k=3)
    assert run.sampled == (pytest.approx(sum(drawn) / 10), None)
    assert run.random_share == 0.25
    assert run.value("population") == pytest.approx(sum(one.fitness or 0.0 for one in history.alive) / 10)
    other = run_of(search(tmp_path / "b", RandomSearch(SPACE)), top_k=3)
    assert share_initial_population(run, other)
    assert not share_initial_population(run, run_of(search(tmp_path / "c", RandomSearch(SPACE), seed=1), top_k=3))


def test_too_many_pairs_for_so_few_seeds_is_said(tmp_path: Path) -> None:
    sizes = (5, 6, 8, 10, 12)
    runs = [search(tmp_path / f"{size}-{seed}", aging(size), seed, budget=15) for size in sizes for seed in range(5)]
    found = gather_runs(runs, Settings(primary="best", top_k=3), "here", lambda _: None, pytest.fail, False)
    text = summary(found)
    assert "No difference could have been told: 5 seeds per arm are too few for 10 pairs" in text
    few = gather_runs(runs[:10], Settings(primary="best", top_k=3), "here", lambda _: None, pytest.fail, False)
    assert "too few for" not in summary(few)
