"""Where a model lies: what people say of it, as the path of its card or its weights. Torch-free."""

from pathlib import Path

from nas.errors import UserError
from nas.retraining.card import read_card
from nas.retraining.folder import read_retraining
from nas.retraining.searched import best_weights
from nas.retraining_files import CARD_FILE
from nas.search.journal import FILE_NAME as JOURNAL


def model_path(place: Path) -> Path:
    """What a path means, see `nas.load_model`: the card of a retraining, or the weight file of a search's best.

    Raises:
        UserError: there is none, or more than one.
    """
    if place.is_file() and place.suffix in (".json", ".pt"):
        return place
    if (place / CARD_FILE).exists():
        return place / CARD_FILE
    if read_retraining(place) is not None:
        raise UserError(f"the retraining {place} is not finished, the command that began it resumes it")
    if not (place / JOURNAL).exists():
        raise UserError(
            f"there is no model at {place}: it must be the folder of a retraining or of a search that kept weights, "
            "or a card.json"
        )
    weights = best_weights(place)
    if weights is not None:
        return weights
    name = place.absolute().name
    cards = [path for path in sorted(place.absolute().parent.glob(f"*/{CARD_FILE}")) if _is_of(path, name)]
    if not cards:
        raise UserError(f"the search {place} has no trained model yet, `python -m nas.retrain run={place}` makes one")
    if len(cards) > 1:
        places = ", ".join(path.parent.name for path in cards)
        raise UserError(f"the search {place} has several retrainings, choose one of {places}")
    return cards[0]


def model_folder(path: Path) -> Path:
    """The folder of the retraining or search that a path of `model_path` lies in."""
    return path.parent if path.suffix == ".json" else path.parent.parent


def _is_of(path: Path, run: str) -> bool:
    try:
        return read_card(path)["source"]["run"] == run
    except (UserError, KeyError, TypeError):
        return False
