"""What tests of comparisons share: searches of two algorithms, and pages without images."""

import sys

import pytest

from nas import History
from nas.algorithms.random_search import RandomSearch
from tests.comparison.test_compare import SPACE, aging, search


@pytest.fixture(autouse=True)
def without_png(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `figures` is not installed: a renderer takes most of the time of a page."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> list[History]:
    folder = tmp_path_factory.mktemp("runs")
    found = []
    for seed in range(6):
        found.append(search(folder / f"aging-{seed}", aging(), seed, budget=60))
        found.append(search(folder / f"random-{seed}", RandomSearch(SPACE), seed, budget=60))
    return found
