"""The model that a search with inherited weights ends with."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nas_launchers.inline import InlineExecutor

from nas import History, load_model, run_search
from nas.algorithms.tournament import Tournament
from nas.errors import UserError
from nas.search.weights import FOLDER_NAME, weight_file
from tests.test_contracts import composed, space

EXPERIMENT = ("experiment=large_scale_demo", "training.steps=20", "dataset.fraction=0.3")


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> History:
    return run(tmp_path_factory.mktemp("searched") / "run")


def run(folder: Path, **changes: Any) -> History:
    dna = space("dna")
    settings: dict[str, Any] = {
        "space": dna,
        "algorithm": Tournament(space=dna, population_size=5, survival="worst_of_pair", selection="fittest"),
        "evaluator": composed("evaluator", *EXPERIMENT, space=dna),
        "budget": 25,
        "run": folder,
        "executor": lambda _: InlineExecutor(),
    }
    return run_search(**(settings | changes)).history()


def test_the_best_individual_measures_what_the_search_measured(search: History) -> None:
    """The file alone gives the accuracy that steered the search, to the last image."""
    model = load_model(search.path.parent)
    dataset = composed("dataset", *EXPERIMENT)
    valid = dataset.load().valid
    with torch.no_grad():
        logits = torch.cat([model(model.preprocess(np.asarray(image))) for image in valid.images])
    assert search.best is not None
    assert (logits.argmax(1).numpy() == valid.labels).mean() == pytest.approx(search.best.fitness, abs=1e-9)
    assert model.card["source"] == {"run": "run", "number": search.best.number}
    assert not model.training


def test_children_say_what_they_inherited(search: History) -> None:
    for individual in search.told:
        shares = individual.metrics["inherited_tensors"], individual.metrics["inherited_elements"]
        name = individual.mutation.name if individual.mutation else "none"
        if name in ("none", "reset_weights"):
            assert shares == (0.0, 0.0)
        if name in ("identity", "alter_learning_rate"):
            assert shares == (1.0, 1.0)
        assert "inheritance_warning" not in individual.metrics


def test_the_same_search_again_has_the_same_weights(search: History, tmp_path: Path) -> None:
    again = run(tmp_path / "again")
    assert again.science() == search.science()
    assert again.best is not None
    first, second = load_model(search.path.parent), load_model(tmp_path / "again")
    for name, tensor in first.network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(tensor, second.network.state_dict()[name])


def test_a_missing_or_damaged_file_of_a_parent_gives_fresh_weights_and_a_warning(
    search: History, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(search.path.parent, folder)
    for index, path in enumerate(sorted((folder / FOLDER_NAME).iterdir())):
        if index % 2:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:100])
    history = run(folder, budget=35)
    warned = [one for one in history.told[25:] if "inheritance_warning" in one.metrics]
    assert warned
    for individual in warned:
        assert individual.metrics["inherited_tensors"] == 0.0
        assert "fresh weights were taken: " in individual.metrics["inheritance_warning"]
        assert f"{individual.parents[0]:06d}.pt" in individual.metrics["inheritance_warning"]


def test_without_inheritance_every_child_starts_anew(tmp_path: Path) -> None:
    dna = space("dna")
    evaluator = composed("evaluator", *EXPERIMENT, "evaluator.inherit=false", "evaluator.keep_weights=true", space=dna)
    history = run(tmp_path / "run", evaluator=evaluator, budget=12)
    assert all("inherited_tensors" not in individual.metrics for individual in history.told)
    assert load_model(tmp_path / "run").card["source"]["number"] == history.best.number  # type: ignore[union-attr]


def test_weights_of_another_individual_are_refused(search: History, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(search.path.parent, folder)
    assert search.best is not None
    path = weight_file(folder, search.best.number)
    path.write_bytes(b"no weights")
    with pytest.raises(UserError, match="holds no weights"):
        load_model(folder)
    other = next(
        weight_file(search.path.parent, one.number)
        for one in search.alive
        if json.dumps(one.genome) != json.dumps(search.best.genome)
    )
    shutil.copy(other, path)
    with pytest.raises(UserError, match="are none of"):
        load_model(folder)


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["evaluator.repeats=2"], "evaluator.repeats is 2, with evaluator.inherit or keep_weights it must be 1"),
        (["network=tiny", "search_space=cells"], "evaluator.inherit=true needs a network whose variables have ids"),
    ],
)
def test_what_cannot_be_inherited_is_said_before_the_search(overrides: list[str], sentence: str) -> None:
    searched = composed("search_space", *EXPERIMENT, *overrides)
    with pytest.raises(UserError, match=sentence):
        composed("evaluator", *EXPERIMENT, *overrides, space=searched)
