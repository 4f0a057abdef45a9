"""What a fidelity makes of a data set and a recipe, and that children are trained so."""

from random import Random
from typing import Any

import numpy as np
import pytest

from nas.errors import UserError
from nas.evaluators.base import Task
from nas.fidelity import Fidelity
from nas.training.fidelity import reduced
from tests.evaluators.test_table import evaluator as table
from tests.evaluators.test_train import make
from tests.helpers.parts import dataset, recipe


def test_epochs_are_the_recipes() -> None:
    images, training = reduced(dataset(), recipe(epochs=5), Fidelity(epochs=2))
    assert images == dataset()
    assert training == recipe(epochs=2)


def test_a_fraction_is_of_the_searchs_own_part_and_validation_stays() -> None:
    images, training = reduced(dataset(fraction=0.5), recipe(), Fidelity(fraction=0.2))
    assert images.fraction == pytest.approx(0.1)
    assert training == recipe()
    less, more = images.load(), dataset(fraction=0.5).load()
    assert len(less.train) == pytest.approx(0.2 * len(more.train), abs=1)
    assert np.array_equal(less.valid.images, more.valid.images)
    seen = {image.tobytes() for image in np.asarray(more.train.images)}
    assert {image.tobytes() for image in np.asarray(less.train.images)} <= seen


def test_images_are_made_smaller() -> None:
    images, _ = reduced(dataset(), recipe(), Fidelity(image_size=4))
    assert images.image_shape == (1, 4, 4)
    assert np.asarray(images.load().train.images).shape[1:] == (4, 4, 1)


@pytest.mark.parametrize(
    ("fidelity", "sentence"),
    [
        (Fidelity(epochs=5), "below training.epochs, 5"),
        (Fidelity(image_size=8), "below the size of the images, 8"),
        (Fidelity(fraction=0.00001), "leaves none of"),
    ],
)
def test_what_is_no_less_than_full_is_refused(fidelity: Fidelity, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        assert reduced(dataset(), recipe(epochs=5), fidelity)[0].num_train


def test_steps_have_no_epochs_to_reduce() -> None:
    with pytest.raises(UserError, match=r"training\.steps says how long"):
        reduced(dataset(), recipe(epochs=None, steps=7), Fidelity(epochs=1))


def science(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if not name.endswith("_s")}


def test_a_child_is_trained_as_the_smaller_evaluation_would_be() -> None:
    """To the bit, and known before."""
    evaluator, small = make("training.epochs=3"), make("training.epochs=1")
    genome, fidelity = evaluator.space.initial(Random(0)), Fidelity(epochs=1)
    metrics = evaluator.evaluate(Task(0, genome, 5, fidelity=fidelity))
    assert science(metrics) == science(small.evaluate(Task(0, genome, 5)))
    cost = evaluator.cost(genome, fidelity=fidelity)
    assert cost == small.cost(genome)
    assert 3 * cost["train_examples"] == evaluator.cost(genome)["train_examples"]
    with pytest.raises(UserError, match=r"below training\.epochs, 3"):
        evaluator.check_fidelity(Fidelity(epochs=3))


def test_a_table_knows_its_shorter_schedule() -> None:
    full, short = table("evaluator.epochs=200"), table()
    genome, fidelity = full.space.initial(Random(0)), Fidelity(epochs=12)
    assert full.evaluate(Task(0, genome, 1, fidelity=fidelity)) == short.evaluate(Task(0, genome, 1))
    assert full.cost(genome, fidelity=fidelity) == short.cost(genome)
    for wrong in (Fidelity(epochs=50), Fidelity(epochs=200)):
        with pytest.raises(UserError, match=r"with evaluator\.epochs=200 the table has fidelity epochs=12"):
            full.check_fidelity(wrong)
    with pytest.raises(UserError, match=r"does not know \(it knows epochs\)"):
        full.check_fidelity(Fidelity(fraction=0.5))
    with pytest.raises(UserError, match="the table has none"):
        short.check_fidelity(fidelity)
