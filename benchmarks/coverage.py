"""How often 95 % bootstrap intervals of a difference of means hold the true one, at the sizes that comparisons have.

    python -m benchmarks.coverage [--studies 1000]

Two arms of 10 and of 20 runs from normal, from skewed and from heavy-tailed distributions, with equal scatter and with
0.3 of it in the second arm; also paired. Beside `nas.comparison.bootstrap` stand scipy's plain percentile interval and
BCa on the same samples. 1,000 studies have a standard error of 0.7 points at 95 %. Three minutes.
"""

import argparse
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from nas.comparison.bootstrap import bootstrap_interval

DRAWS: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {  # all with mean 0
    "normal": lambda rng, n: rng.standard_normal(n),
    "skewed (1 - exponential)": lambda rng, n: 1 - rng.exponential(size=n),
    "heavy (lognormal)": lambda rng, n: rng.lognormal(size=n) - np.exp(0.5),
}
SCIPY_SAMPLES = 2_000


def difference(left: NDArray[np.float64], right: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    return np.asarray(left.mean(axis=axis) - right.mean(axis=axis))


def scipys(left: NDArray[np.float64], right: NDArray[np.float64], seed: int, *, method: str) -> tuple[float, float]:
    found = stats.bootstrap(
        (left, right), difference, n_resamples=SCIPY_SAMPLES, method=method, vectorized=True, rng=seed
    ).confidence_interval
    return float(found.low), float(found.high)


def covered(draw: str, runs: int, scale: float, studies: int) -> dict[str, float]:
    """Share of the studies whose interval holds 0, by kind of interval."""
    rng = np.random.default_rng(0)
    kinds = {
        "ours": bootstrap_interval,
        "ours, paired": partial(bootstrap_interval, paired=True),
        "percentile": partial(scipys, method="percentile"),
        "BCa": partial(scipys, method="BCa"),
    }
    hits = dict.fromkeys(kinds, 0)
    for study in range(studies):
        left, right = DRAWS[draw](rng, runs), scale * DRAWS[draw](rng, runs)
        for kind, interval in kinds.items():
            low, high = interval(left, right, study)
            hits[kind] += low <= 0 <= high
    return {kind: number / studies for kind, number in hits.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1_000)
    studies = parser.parse_args().studies
    warnings.simplefilter("ignore")
    for draw in DRAWS:
        for scale in (1.0, 0.3):
            for runs in (10, 20):
                shares = covered(draw, runs, scale, studies)
                text = ", ".join(f"{kind} {share:.1%}" for kind, share in shares.items())
                print(f"{draw}, second arm x {scale:g}, {runs} runs: {text}", flush=True)


if __name__ == "__main__":
    main()
