"""The figures of a comparison's page: what is drawn is what the data says."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.comparison.results import mean_and_error
from nas.evaluators.function import FunctionEvaluator
from nas.search_spaces.bits import Bits
from tests.helpers.pages import SETTINGS, compared, written

SMALL = Bits(num_bits=12)


def test_every_figure_is_a_file_and_draws_every_run(histories: list[History], tmp_path: Path) -> None:
    written(compared(histories), tmp_path)
    names = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert names == {f"{measure}-{axis}" for measure in ("best", "top") for axis in ("evaluations", "time_s")} | {
        "runs"
    }
    space = "{http://www.w3.org/2000/svg}"
    trees = {name: ElementTree.parse(tmp_path / "figures" / f"{name}.svg") for name in names}
    runs = [path for path in trees["best-evaluations"].iter(f"{space}path") if "arm-run" in path.get("class", "")]
    assert [path.attrib["d"].count("M") for path in runs] == [6, 6]
    assert len(list(trees["runs"].iter(f"{space}circle"))) == 12


def test_curves_are_where_they_should_be(histories: list[History], tmp_path: Path) -> None:
    """The drawn mean, read back from its path, is the mean."""
    from nas.reporting.drawings import arm_curves
    from nas.reporting.drawings.units import unit
    from nas.reporting.figures.arm_curves import curves_figure

    context = compared(histories).contexts[0]
    figure, scale = curves_figure(context.arms, "best", "evaluations", 100), unit("evaluations", 60)
    across, up = arm_curves.axes(figure, scale)
    path = re.search(r'<path d="([^"]+)" class="arm-mean a1"', str(arm_curves.plot(figure, scale)))
    assert path is not None
    x, y = 0.0, 0.0
    drawn: dict[float, float] = {}
    for letter, first, second in re.findall(r"([Mhv])(-?[\d.]+)(?: (-?[\d.]+))?", path[1]):
        x, y = (
            (float(first), float(second))
            if letter == "M"
            else (x + float(first), y)
            if letter == "h"
            else (x, y + float(first))
        )
        drawn[x] = y
    means = figure.arms[1].band
    for at in (1, 20, 59, 60):
        before = max(place for place in drawn if place <= round(2000 * at / across.high))
        value = up.high - drawn[before] / 2000 * (up.high - up.low)
        assert value == pytest.approx(means.mean[list(means.x).index(at)], abs=(up.high - up.low) / 1000)


def measured(genome: tuple[int, ...], seed: int) -> dict[str, float]:
    ones = sum(genome) / len(genome)
    return {"valid_accuracy": ones, "multiply_adds": 1000 * (1 + sum(genome)), "train_flops": 6e6}


class LookedUp:
    """Looks test accuracies up, as a table does."""

    def test_accuracy(self, genome: Any) -> float:
        return 0.9 * self.accuracies(genome)["ones"]

    def accuracies(self, genome: Any) -> dict[str, float]:
        return {"ones": sum(map(int, genome)) / 12}

    def references(self) -> dict[str, tuple[Any, float]]:
        return {"the best": ((1,) * 12, 1.0)}


def test_test_accuracies_and_costs_are_drawn_where_they_are_known(tmp_path: Path) -> None:
    algorithms = (
        RandomSearch(SMALL),
        Evolution(space=SMALL, population_size=4, sample_size=2, survival="oldest"),
    )
    found = [
        run_search(
            space=SMALL,
            algorithm=algorithm,
            evaluator=FunctionEvaluator(function=measured),
            budget=10,
            seed=seed,
            run=tmp_path / f"{algorithm.name}-{seed}",
        ).history()
        for algorithm in algorithms
        for seed in range(2)
    ]
    comparison = compared(found, replace(SETTINGS, primary="test_top"), LookedUp())
    page = written(comparison, tmp_path / "page")
    runs = comparison.contexts[0].arms["random"]
    row = page.row("MTA", "random")
    assert row["MTA"] == mean_and_error([float(run.curve.measures["test_top"][-1]) for run in runs])
    assert page.row("ones", "random")["ones"] == mean_and_error([run.finals["ones"] for run in runs])
    reference = page.row("MTA", "the best")
    assert [reference[name] for name in ("best", "test of best", "MTA")] == ["1.0000", "0.9000", "–"]
    assert page.row("ones", "the best")["ones"] == "1.0000"
    names = {path.stem for path in (tmp_path / "page" / "figures").glob("*.svg")}
    assert {"models", "test_top-train_flops"} <= names
    assert "accuracy on test." in page.text
    assert page.row("children failed", "random")["training FLOPs of a run"] == "6e+07"
