"""One small search on digits and its retraining, for all tests of the folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nas_launchers.inline import InlineExecutor
from parts import SPACE, architect, dataset, hardware, network, recipe

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.evaluators.train import TrainEvaluator
from nas.retraining.candidates import best_of, search_facts
from nas.retraining.resnet import ResNet18Spec
from nas.retraining.retraining import Result, Retraining

Make = Callable[..., Retraining]


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("search") / "small"
    evaluator = TrainEvaluator(
        space=SPACE, dataset=dataset(), network=network(), training=recipe(), hardware=hardware()
    )
    return run_search(
        space=SPACE, algorithm=RandomSearch(space=SPACE), evaluator=evaluator, budget=3, run=folder
    ).history()


@pytest.fixture(scope="session")
def make(searched: History) -> Make:
    """A retraining of that search; arguments replace its own."""

    def made(top_k: int = 2, **arguments: Any) -> Retraining:
        own: dict[str, Any] = {
            "candidates": best_of([searched], [architect], top_k),
            "searches": [search_facts(searched)],
            "dataset": dataset(num_selection=100),
            "network": network(filters=6),
            "training": recipe(),
            "hardware": hardware(),
            "seed": 0,
            "repeats": 2,
            "references": [],
            "resnet": ResNet18Spec(imagenet_stem_from=128),
            "space": SPACE,
        }
        return Retraining(**{**own, **arguments})

    return made


@pytest.fixture(scope="session")
def finished(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A finished retraining with references."""
    return run(make(references=["resnet18", "random_cells"]), tmp_path_factory.mktemp("retraining") / "finished")


def run(retraining: Retraining, folder: Path, said: list[str] | None = None) -> Result:
    return retraining.run(folder, lambda _: InlineExecutor(), (said if said is not None else []).append)


@pytest.fixture(scope="session")
def run_here() -> Callable[..., Result]:
    return run


def numbers(card: dict[str, Any]) -> dict[str, Any]:
    """What of a card must not depend on when and how it was made."""
    times = ("command", "provenance", "commit", "budgets", "searches")
    return _without_times({key: value for key, value in card.items() if key not in times})


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if not key.endswith("_s")}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def science() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return numbers
