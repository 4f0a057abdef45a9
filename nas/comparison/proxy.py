"""How well a cheap evaluation ranks what an expensive one would: rank correlations, regret, and what noise allows.

Sources: Spearman 1904; Kendall 1945 (tau-b); the bootstrap's percentile interval over genomes; Spearman-Brown 1910 for
the reliability of a mean.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError

Floats = NDArray[np.float64]

BOOTSTRAP_SAMPLES = 2000
LEAST_FOR_INTERVALS = 10  # genomes


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A rank correlation.

    Attributes:
        value: from -1 to 1; None where it is undefined, as one side is constant or there are fewer than two genomes.
        interval: 95 % percentile interval over bootstrapped genomes; None below `LEAST_FOR_INTERVALS` genomes.
    """

    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Proxy against final over a set of genomes.

    Attributes:
        genomes: how many.
        spearman, kendall: of the means over seeds.
        noise: mean Spearman correlation over all pairs of final seeds: how well one final training predicts another;
            None for one seed.
        ceiling: what a proxy that knew the truth would reach against the mean of the s final seeds:
            sqrt(s r / (1 + (s - 1) r)) with r = `noise`, 0 where r is below 0. The formula is exact for Pearson's r.
        regret: largest final mean minus that of the genome with the largest proxy mean. The largest is itself selected
            on noise, so it is an upper bound in expectation.
    """

    genomes: int
    spearman: Coefficient
    kendall: Coefficient
    noise: float | None
    ceiling: float | None
    regret: float


def agreement(proxy: Floats, final: Floats, samples: int = BOOTSTRAP_SAMPLES, seed: int = 0) -> Agreement:
    """Compares two measurements of the same genomes.

    Args:
        proxy: (genomes, seeds), what steers.
        final: (genomes, seeds), what is wanted; the numbers of seeds may differ.
        samples: of the bootstrap; 0 gives no intervals.
        seed: of the bootstrap.
    """
    means, finals = proxy.mean(axis=1), final.mean(axis=1)
    noise = _seed_to_seed(final)
    intervals = _intervals(means, finals, samples, seed)
    return Agreement(
        genomes=len(means),
        spearman=Coefficient(value=spearman(means, finals), interval=intervals[0]),
        kendall=Coefficient(value=kendall(means, finals), interval=intervals[1]),
        noise=noise,
        ceiling=None if noise is None else _ceiling(noise, final.shape[1]),
        regret=float(finals.max() - finals[means.argmax()]),
    )


def within_top(proxy: Floats, count: int) -> NDArray[np.int64]:
    """Places of the `count` best genomes by the proxy's mean, best first; ties by place.

    Raises:
        UserError: there are not so many.
    """
    if not 2 <= count <= len(proxy):
        raise UserError(f"proxy_study.within has {count}, with {len(proxy)} genomes it must be from 2 to {len(proxy)}")
    return np.argsort(-proxy.mean(axis=1), kind="stable")[:count]


def spearman(first: Floats, second: Floats) -> float | None:
    """Rank correlation, ties with their mean rank; None where it is undefined."""
    from scipy import stats

    if min(len(np.unique(first)), len(np.unique(second))) < 2:
        return None
    return float(stats.spearmanr(first, second).statistic)


def kendall(first: Floats, second: Floats) -> float | None:
    """Tau-b; None where it is undefined."""
    from scipy import stats

    if min(len(np.unique(first)), len(np.unique(second))) < 2:
        return None
    return float(stats.kendalltau(first, second).statistic)


def _seed_to_seed(final: Floats) -> float | None:
    found = [spearman(final[:, one], final[:, other]) for one, other in combinations(range(final.shape[1]), 2)]
    known = [value for value in found if value is not None]
    return math.fsum(known) / len(known) if known else None


def _ceiling(noise: float, seeds: int) -> float:
    reliable = max(0.0, noise)
    return math.sqrt(seeds * reliable / (1 + (seeds - 1) * reliable))


def _intervals(first: Floats, second: Floats, samples: int, seed: int) -> Sequence[tuple[float, float] | None]:
    """Of Spearman's rho and Kendall's tau."""
    if samples == 0 or len(first) < LEAST_FOR_INTERVALS:
        return None, None
    from scipy import stats

    draws = np.random.default_rng(seed).integers(len(first), size=(samples, len(first)))
    ranks = [stats.rankdata(values[draws], axis=1) for values in (first, second)]
    rhos = _cosines(*(rank - rank.mean(axis=1, keepdims=True) for rank in ranks))
    signs = [np.sign(values[:, None] - values) for values in (first, second)]
    taus = [_cosines(*(sign[np.ix_(draw, draw)].reshape(1, -1) for sign in signs))[0] for draw in draws]
    return _middle(rhos), _middle(np.array(taus))


def _cosines(first: Floats, second: Floats) -> Floats:
    """Of the rows; nan for a row of zeros. Pearson's r of centred ranks is rho, that of the pairs' signs is tau-b."""
    with np.errstate(invalid="ignore"):
        products: Floats = (first * second).sum(axis=1) / np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return products


def _middle(values: Floats) -> tuple[float, float] | None:
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
