"""The output fan-in of a cell whose inputs are drawn uniformly: mean and standard deviation in closed form.

The output of a cell joins the states that no combination reads (arXiv 1802.01548, "Search Space"). Of C combinations
the one that makes state t reads two of the states 0 to t - 1, each with equal chances and independently, so state s is
spared by it with probability ((t - 1) / t)^2. The product over all t from s + 1 to C + 1 is (s / (C + 1))^2; likewise
both s and a later s' are spared with probability (s (s' - 1) / (C (C + 1)))^2. Cell inputs never join.
"""

from itertools import combinations
from math import sqrt


def random_fan_in(num_combinations: int) -> tuple[float, float]:
    """Mean and standard deviation over uniformly random cells of at least one combination."""
    last = num_combinations + 1
    states = range(2, last + 1)
    mean = sum((state / last) ** 2 for state in states)
    both = sum((one * (other - 1) / ((last - 1) * last)) ** 2 for one, other in combinations(states, 2))
    return mean, sqrt(max(0.0, mean + 2 * both - mean**2))
