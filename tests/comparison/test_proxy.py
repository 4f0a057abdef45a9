"""Rank correlations of a proxy beside scipy and by hand, and those of NAS-Bench-201."""

import numpy as np
import pytest
from scipy import stats

from nas.comparison.proxy import agreement, kendall, spearman, within_top
from nas.errors import UserError
from tests.helpers.tables import tables


def noisy(genomes: int, seeds: int, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(genomes, 1))
    return tuple(true + noise * rng.normal(size=(genomes, seeds)) for _ in range(2))  # type: ignore[return-value]


def test_coefficients_are_scipys_with_ties_too() -> None:
    first, second = np.array([1.0, 2, 2, 3, 5, 5, 5]), np.array([2.0, 1, 2, 2, 4, 3, 4])
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert kendall(first, second) == pytest.approx(stats.kendalltau(first, second).statistic)
    assert spearman(first, np.ones(7)) is None
    assert kendall(np.ones(7), second) is None


def test_intervals_are_those_of_scipy_on_every_resample() -> None:
    proxy, final = noisy(15, 1)
    proxy = np.round(proxy, 1)  # ties
    found = agreement(proxy, final, samples=200, seed=3)
    draws = np.random.default_rng(3).integers(15, size=(200, 15))
    rows = [(proxy[draw, 0], final[draw, 0]) for draw in draws]
    rhos = [stats.spearmanr(*row).statistic for row in rows]
    taus = [stats.kendalltau(*row).statistic for row in rows]
    assert found.spearman.interval == pytest.approx(tuple(np.percentile(rhos, [2.5, 97.5])))
    assert found.kendall.interval == pytest.approx(tuple(np.percentile(taus, [2.5, 97.5])))
    few = agreement(proxy[:9], final[:9])
    assert (few.spearman.interval, few.kendall.interval) == (None, None)


def test_what_noise_allows() -> None:
    """A proxy that is the truth reaches about the ceiling, and no more; the formula is that of Spearman and Brown."""
    rng = np.random.default_rng(1)
    true = rng.normal(size=(4000, 1))
    final = true + rng.normal(size=(4000, 3))
    found = agreement(true, final, samples=0)
    assert found.noise == pytest.approx(6 / np.pi * np.arcsin(0.5 / 2), abs=0.04)  # rho of a bivariate normal, r = 0.5
    assert found.ceiling == pytest.approx(np.sqrt(3 * found.noise / (1 + 2 * found.noise)))
    assert found.spearman.value == pytest.approx(found.ceiling, abs=0.03)
    one_seed = agreement(true, final[:, :1], samples=0)
    assert (one_seed.noise, one_seed.ceiling) == (None, None)


def test_regret_by_hand() -> None:
    proxy, final = np.array([[0.5], [0.7], [0.6]]), np.array([[0.9], [0.8], [0.95]])
    assert agreement(proxy, final).regret == pytest.approx(0.15)
    assert within_top(proxy, 2).tolist() == [1, 2]
    for count in (1, 4):
        with pytest.raises(UserError, match=f"within has {count}, with 3 genomes"):
            within_top(proxy, count)


@pytest.mark.parametrize(("count", "expected"), [(None, 0.77), (100, 0.46), (50, 0.22)])
def test_twelve_epochs_against_two_hundred_in_nasbench201(count: int | None, expected: float) -> None:
    """Validation accuracy after 12 epochs against test accuracy after 200 on CIFAR-10, the mean over trainings."""
    with np.load(tables() / "nasbench201.npz") as table:
        proxy, final = (table[f"cifar10_{name}"].astype(float)[:, None] for name in ("valid_12", "test_200"))
    chosen = slice(None) if count is None else within_top(proxy, count)
    assert agreement(proxy[chosen], final[chosen], samples=0).spearman.value == pytest.approx(expected, abs=0.006)
