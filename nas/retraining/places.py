"""Where a model lies: what people say of it, as the path of its card. Torch-free."""

from pathlib import Path

from nas.errors import UserError
from nas.retraining.card import CARD_FILE, read_card
from nas.retraining.folder import read_retraining
from nas.search.journal import FILE_NAME as JOURNAL


def card_path(place: Path) -> Path:
    """The card that a path means, see `nas.load_model`.

    Raises:
        UserError: there is none, or more than one.
    """
    if place.is_file() and place.suffix == ".json":
        return place
    if (place / CARD_FILE).exists():
        return place / CARD_FILE
    if read_retraining(place) is not None:
        raise UserError(f"the retraining {place} is not finished, the command that began it resumes it")
    if not (place / JOURNAL).exists():
        raise UserError(f"there is no model at {place}: it must be the folder of a retraining, or a card.json")
    name = place.absolute().name
    cards = [path for path in sorted(place.absolute().parent.glob(f"*/{CARD_FILE}")) if _is_of(path, name)]
    if not cards:
        raise UserError(f"the search {place} has no trained model yet, `python -m nas.retrain run={place}` makes one")
    if len(cards) > 1:
        places = ", ".join(path.parent.name for path in cards)
        raise UserError(f"the search {place} has several retrainings, choose one of {places}")
    return cards[0]


def _is_of(path: Path, run: str) -> bool:
    try:
        return read_card(path)["source"]["run"] == run
    except (UserError, KeyError, TypeError):
        return False
