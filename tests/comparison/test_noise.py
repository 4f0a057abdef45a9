"""Selection gaps by hand, their intervals beside scipy, and what is printed and written of them."""

import csv
from pathlib import Path

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined
from scipy import stats

from nas.comparison.noise import Reevaluated, RunGap, SelectionGap, compare_gaps, estimate
from nas.comparison.printing import summary
from nas.comparison.results import Comparison, Settings
from nas.comparison.tables import NOISE, write_tables


def run_gap(seed: int, *top: tuple[float, tuple[float, ...]]) -> RunGap:
    found = [Reevaluated(number=10 + place, selected=one, values=values) for place, (one, values) in enumerate(top)]
    return RunGap(seed=seed, top=tuple(found))


def test_gaps_by_hand() -> None:
    run = run_gap(3, (0.9, (0.8, 0.86)), (0.8, (0.8,)))
    assert run.gap == pytest.approx((0.07 + 0.0) / 2)
    assert run.best == pytest.approx(0.83)
    assert run.best_gap == pytest.approx(0.07)


def test_intervals_are_students() -> None:
    values = [0.1, 0.4, 0.2, 0.35, 0.15]
    found = estimate(values)
    assert found.interval == pytest.approx(stats.t.interval(0.95, 4, loc=found.mean, scale=stats.sem(values)))
    alone = estimate([0.2])
    assert (alone.mean, alone.error, alone.interval) == (0.2, None, None)


def test_arms_are_compared_by_their_gaps_and_by_their_best() -> None:
    lucky = SelectionGap(top=1, seeds=1, runs=tuple(run_gap(seed, (0.9, (0.5 + seed / 100,))) for seed in range(6)))
    honest = SelectionGap(top=1, seeds=1, runs=tuple(run_gap(seed, (0.8, (0.8 + seed / 100,))) for seed in range(6)))
    pairs = compare_gaps({"lucky": lucky, "honest": honest})
    assert (pairs.gap[0].effect, pairs.best[0].effect) == (1.0, 0.0)
    assert pairs.gap[0].difference == pytest.approx(0.4)
    assert pairs.gap[0].p == pytest.approx(2 / 924)


def test_the_section_of_the_page() -> None:
    arms = {
        name: SelectionGap(top=1, seeds=2, runs=tuple(run_gap(seed, (0.9, (0.5, seed / 10))) for seed in range(5)))
        for name in ("aging", "<random>")
    }
    environment = Environment(loader=PackageLoader("nas.reporting"), autoescape=True, undefined=StrictUndefined)
    text = environment.get_template("noise.html.j2").render(
        noise={"all": arms}, noise_pairs={"all": compare_gaps(arms)}
    )
    assert text.count("<td>aging</td>") == 1
    assert text.count("&lt;random&gt; ") + text.count("&lt;random&gt;:") == 2
    assert "with 2 new training seeds each" in text
    assert f"{arms['aging'].gap.mean:.5f}" in text


def test_a_comparison_writes_them(tmp_path: Path) -> None:
    gap = SelectionGap(top=2, seeds=2, runs=(run_gap(0, (0.9, (0.8, 0.86)), (0.8, (0.7, 0.8))),))
    settings = Settings(primary="best", top_k=1)
    found = Comparison(title="mine", settings=settings, contexts=[], noise={"all": {"aging": gap}})
    write_tables(found, tmp_path)
    with (tmp_path / NOISE).open() as file:
        first, second = csv.DictReader(file)
    assert (first["arm"], first["rank"], first["number"], second["rank"], second["number"]) == (
        "aging",
        "1",
        "10",
        "2",
        "11",
    )
    assert float(first["gap"]) == pytest.approx(0.07)
    assert [float(one) for one in second["values"].split()] == [0.7, 0.8]
    write_tables(Comparison(title="mine", settings=settings, contexts=[]), tmp_path / "without")
    assert not (tmp_path / "without" / NOISE).exists()
    assert "0 searches." in summary(found)
