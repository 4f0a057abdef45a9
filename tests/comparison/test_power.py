"""The detectable difference beside simulated studies that go through scipy's test."""

import numpy as np
import pytest
from scipy import stats

from nas.comparison.power import POWER, detectable_shift, least_p
from nas.comparison.significance import LEVEL


@pytest.mark.parametrize(
    ("first", "second", "pairs"), [(5, 5, 1), (6, 9, 3), (10, 10, 10), (10, 10, 1), (20, 20, 3), (60, 60, 3)]
)
def test_simulated_studies_detect_the_shift_as_often_as_promised(first: int, second: int, pairs: int) -> None:
    shift = detectable_shift(first, second, pairs)
    assert shift is not None
    rng = np.random.default_rng(7)
    studies = 2000
    left, right = rng.normal(shift, 1, (studies, first)), rng.normal(0, 1, (studies, second))
    p_values = stats.mannwhitneyu(left, right, axis=1, method="exact").pvalue
    detected = int((p_values <= LEVEL / pairs).sum())
    assert detected / studies == pytest.approx(POWER, abs=0.03)  # 3 standard errors, and the shift's own


@pytest.mark.parametrize(("first", "second"), [(5, 5), (5, 7), (10, 10)])
def test_least_p_is_that_of_complete_separation(first: int, second: int) -> None:
    reference = stats.mannwhitneyu(range(first), range(first, first + second), method="exact").pvalue
    assert least_p(first, second) == pytest.approx(reference, rel=1e-12)


def test_too_few_seeds_for_so_many_pairs_can_detect_nothing() -> None:
    assert detectable_shift(5, 5, 6) is not None  # 6 x 0.0079 < 0.05
    assert detectable_shift(5, 5, 7) is None
    assert detectable_shift(4, 4, 2) is None
    assert detectable_shift(6, 6, 10) is not None


def test_more_seeds_detect_less_and_more_pairs_only_more() -> None:
    by_seeds = [detectable_shift(seeds, seeds, 3) or 0 for seeds in (5, 7, 10, 20, 30, 60)]
    assert by_seeds == sorted(by_seeds, reverse=True)
    assert min(by_seeds) > 0
    by_pairs = [detectable_shift(10, 10, pairs) or 0 for pairs in (1, 3, 6, 10)]
    assert by_pairs == sorted(by_pairs)
    assert detectable_shift(6, 9) == detectable_shift(9, 6)


@pytest.mark.parametrize(("inside", "beyond"), [((50, 50), (51, 51)), ((8, 300), (8, 400)), ((16, 156), (16, 157))])
def test_where_simulation_ends_its_results_go_on(inside: tuple[int, int], beyond: tuple[int, int]) -> None:
    simulated, continued = detectable_shift(*inside, 3), detectable_shift(*beyond, 3)
    assert simulated is not None
    assert continued == pytest.approx(simulated, rel=0.03)
