"""Numbers and durations as people read them."""

import pytest

from nas.reporting import labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3_165_090, "3.17 M"),
        (487_000_000, "487 M"),
        (3_000_000, "3.00 M"),
        (12_345, "12.3 k"),
        (7, "7"),
        (None, ""),
        (True, "True"),
        ("x", "x"),
        (4.2e15, "4,200 T"),
    ],
)
def test_quantities(value, text):
    assert labels.quantity(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.96, "10.0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (7384, "2 h 3 min"),
        (7200, "2 h"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds, text):
    assert labels.duration(seconds) == text


def test_plurals():
    assert (labels.plural(1, "child"), labels.plural(1200, "evaluation")) == ("1 child", "1,200 evaluations")


def test_a_mutations_details_have_three_digits() -> None:
    details = {"vertex": 2, "from": 0.795460634177087, "to": 1.0, "nothing": None, "kernel": [3, 5]}
    assert labels.details(details) == "vertex 2, from 0.795, to 1, kernel 3; 5"
    several = {"mutations": [{"name": "add_skip", "source": 1}, {"name": "identity"}]}
    assert labels.details(several) == "mutations name add_skip, source 1; name identity"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00412, "+0.0041"), (-0.00412, "−0.0041"), (0.00004, "0.0000"), (-0.0, "0.0000"), (-12_345.6, "−12345.6")],
)
def test_changes_have_a_sign(value, text):
    assert labels.change(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.0984, "9.8 %"),
        (0.5, "50 %"),
        (0.00214, "0.21 %"),
        (0.00999, "1 %"),
        (0.9996, "100 %"),
    ],
)
def test_shares_are_percents(share, text):
    assert labels.percent(share) == text
