"""What a search says of its images before it begins, and keeps of them in its run folder. Torch-free."""

import json
import math
from pathlib import Path
from typing import Any

from nas.data.findings import DESCRIPTION_FILE
from nas.errors import UserError
from nas.whole_file import draft_of

FEW = 500  # validation images, below which their number alone makes a fitness uncertain


def data_notes(evaluator: Any) -> list[str]:
    """Lines for the console; none where no images are measured on.

    Raises:
        UserError: the data is missing, damaged or too small.
    """
    dataset = getattr(evaluator, "dataset", None)
    if dataset is None or not hasattr(dataset, "sizes"):
        return []
    lines = list(dataset.notes())
    if dataset.sizes.valid < FEW:
        lines.append(_few(dataset.sizes.valid, getattr(evaluator, "repeats", 1)))
    return lines


def standard_error(accuracy: float, images: int) -> float:
    """Of an accuracy that is measured on so many images: the deviation of a binomial share."""
    return math.sqrt(accuracy * (1 - accuracy) / images)


def keep_description(folder: Path, evaluator: Any) -> None:
    """Writes what is known of the images into the run folder, once.

    Raises:
        UserError: it cannot be written.
    """
    dataset, path = getattr(evaluator, "dataset", None), folder / DESCRIPTION_FILE
    description = None if dataset is None else dataset.description()
    if description is None or path.exists():
        return
    try:
        with draft_of(path) as draft:
            draft.write_text(json.dumps(description, indent=1), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def _few(images: int, repeats: int) -> str:
    errors = " and ".join(f"{standard_error(accuracy, images):.3f} at {accuracy}" for accuracy in (0.9, 0.7))
    wanted = "" if repeats > 1 else ", evaluator.repeats=3 that of single trainings"
    return (
        f"only {images:,} validation images: an accuracy has a standard error of {errors}, children that differ by "
        f"less may differ by luck. More images (dataset.num_valid) make it smaller{wanted}."
    )
