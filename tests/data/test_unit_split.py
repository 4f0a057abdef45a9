"""Parts of whole units, beside scikit-learn's StratifiedGroupKFold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from nas.data.unit_split import split_units


def imbalance(labels: np.ndarray, part: np.ndarray) -> float:
    """Largest difference between a class's share of the part and of all."""
    number = labels.max() + 1
    shares = np.bincount(labels, minlength=number) / len(labels)
    return float(np.abs(np.bincount(labels[part], minlength=number) / len(part) - shares).max())


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), groups=st.integers(1, 40), classes=st.integers(1, 6))
def test_units_stay_whole_and_nothing_is_lost(seed: int, groups: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    labels, units = rng.integers(0, classes, 120), rng.integers(0, groups, 120)
    parts = split_units(labels, units, [20, 10], seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(120))
    of_unit = [set(units[part].tolist()) for part in parts]
    assert len(set.union(*of_unit)) == sum(map(len, of_unit))
    for part, again in zip(parts, split_units(labels, units, [20, 10], seed), strict=True):
        assert np.array_equal(part, again)


@pytest.mark.parametrize("seed", range(5))
def test_parts_are_as_balanced_as_scikit_learns_folds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, 60, 600)
    labels = (patient % 3 + (rng.random(600) < 0.3)) % 3  # patients have a class of their own, mostly
    ours = split_units(labels, patient, [120], seed)[0]
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(labels, labels, patient)
    theirs = [imbalance(labels, fold) for _, fold in folds]
    assert abs(len(ours) - 120) <= 12
    assert imbalance(labels, ours) <= max(theirs) + 0.01


def test_single_images_are_divided_in_proportion() -> None:
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    valid, rest = split_units(labels, np.arange(160), [16], 3)
    assert np.bincount(labels[valid]).tolist() == [10, 5, 1]
    assert len(rest) == 144
