"""What a fidelity makes of a data set and a recipe: the only place that knows. Torch-free."""

from dataclasses import replace
from typing import Any

from nas.data.dataset import Dataset
from nas.errors import UserError
from nas.fidelity import Fidelity
from nas.training.recipe import Recipe


def reduced(dataset: Dataset, recipe: Recipe, fidelity: Fidelity | None) -> tuple[Dataset, Recipe]:
    """What a child of that fidelity is trained on, and how. The validation part keeps its images.

    Schedules run over the epochs there are, so a child of few epochs is trained to its end rather than cut off.

    Raises:
        UserError: it is no less than a full evaluation, or leaves nothing to train on.
    """
    if fidelity is None:
        return dataset, recipe
    if fidelity.epochs is not None:
        if recipe.epochs is None:
            raise UserError(f"fidelity.epochs is {fidelity.epochs}, but training.steps says how long a child trains")
        _check_below("epochs", fidelity.epochs, "training.epochs", recipe.epochs)
        recipe = replace(recipe, epochs=fidelity.epochs)
    changes: dict[str, Any] = {}
    if fidelity.image_size is not None:
        _check_below("image_size", fidelity.image_size, "the size of the images", min(dataset.image_shape[1:]))
        changes["image_size"] = fidelity.image_size
    if fidelity.fraction is not None:
        changes["fraction"] = dataset.fraction * fidelity.fraction
    return replace(dataset, **changes) if changes else dataset, recipe


def _check_below(name: str, value: int, of: str, whole: int) -> None:
    if value >= whole:
        raise UserError(
            f"fidelity.{name} is {value}, it must be below {of}, {whole}: a full evaluation has no fidelity"
        )
