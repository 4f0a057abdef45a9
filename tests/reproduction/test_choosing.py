"""Which individuals are measured again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.errors import UserError
from nas.reproduction.choosing import named, spread
from nas.search.history import History
from tests.reproduction.conftest import TOY


@pytest.fixture
def history(kept: Callable[..., Path]) -> History:
    return History.load(kept(*TOY, evaluations=40))


def test_a_sample_is_the_best_and_one_of_every_stretch(history: History) -> None:
    others = [one.number for one in history.told if one.number != history.best.number]
    best, *drawn = [one.number for one in spread(history, 4, seed=0)]
    assert best == history.best.number
    assert [others.index(number) // 13 for number in drawn] == [0, 1, 2]
    assert {tuple(one.number for one in spread(history, 4, seed=seed)) for seed in range(20)} != {(best, *drawn)}


def test_a_sample_has_no_more_than_there_are(history: History) -> None:
    assert len({one.number for one in spread(history, 1000, seed=0)}) == 40
    assert spread(history, 0, seed=0) == []
    assert len(spread(history, 1, seed=0)) == 1
    for wrong in (-1, 1.5, True, "3"):
        with pytest.raises(UserError, match=r"sample is .*, it must be a whole number of at least 0"):
            spread(history, wrong, seed=0)


def test_individuals_by_name(history: History) -> None:
    assert [one.number for one in named(history, [3, "best", 3, "7"])] == [3, history.best.number, 7]
    for wrong in (40, -1, "seven", "1e3", "٣", True):
        with pytest.raises(UserError, match=r"the search .* has 0 to 39; also: individual=best"):
            named(history, [wrong])
