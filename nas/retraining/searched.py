"""The model that a search ends with where its children's weights are kept: the best individual as it was trained.

The weight file holds the images' preprocessing and the classes; the rest is in the journal.
"""

from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.search.history import History
from nas.search.weights import weight_file


def best_weights(run_folder: Path) -> Path | None:
    """The weight file of a search's best individual; None if it is not kept."""
    best = History.load(run_folder).best
    path = None if best is None else weight_file(run_folder, best.number)
    return path if path is not None and path.exists() else None


def searched_card(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """What a model card says of a retrained network, as far as it is known of an individual of a search.

    Args:
        path: its weight file, in the search's folder.
        about: what that file says of the model.

    Raises:
        UserError: the journal beside it is none of a search that trains.
    """
    history = History.load(path.parent.parent)
    try:
        individual = history.individuals[int(path.stem)]
        if individual.genome != about["genome"]:
            raise ValueError("they are of another genome")
        evaluator = history.identity["evaluator"]
        metrics = individual.metrics
        return {
            "name": f"{history.path.absolute().parent.name}-{individual.number}",
            "genome": individual.genome,
            "architecture": about["architecture"],
            "network": evaluator["network"],
            "image_shape": about["image_shape"],
            "num_classes": about["num_classes"],
            "classes": about["classes"],
            "preprocessing": about["preprocessing"],
            "accuracy": {"valid": {"mean": metrics["valid_accuracy"], "sd": None, "n": 1}},
            "parameters": metrics["parameters"],
            "multiply_adds": metrics["multiply_adds"],
            "source": {"run": history.path.absolute().parent.name, "number": individual.number},
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UserError(f"the weights {path} are none of the search {history.path.parent}: {error}") from error
