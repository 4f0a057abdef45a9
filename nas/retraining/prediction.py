"""Classes of the images in a folder, as a CSV table."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from nas.data.image_file import EXTENSIONS
from nas.errors import UserError
from nas.networks.folding import fold_batch_norms
from nas.retraining.loading import Model

HEAD = ("file", "class", "probability")


def predict_folder(
    model: Model, folder: Path, out: Path, *, batch_size: int, device: torch.device, say: Callable[[str], None]
) -> int:
    """Classifies every image file in the folder and below it, in the order of their paths.

    Args:
        model: see `load_model`.
        out: the table, written whole or not at all: file (relative to the folder), class, probability of the class.
        batch_size: images at once.
        device: where it is computed.
        say: is told about every file that is no image; it has no row.

    Returns:
        The number of rows.

    Raises:
        UserError: there is no such folder, no image in it, or the table exists already or cannot be written.
    """
    if out.exists():
        raise UserError(f"{out} exists already, nothing is overwritten: set out=FILE.csv")
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}")
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in EXTENSIONS and path.is_file()]
    if not files:
        raise UserError(f"{folder} holds no image, known endings are {', '.join(EXTENSIONS)}")
    draft = out.with_name(f".{os.getpid()}.{out.name}")
    count = 0
    try:
        with draft.open("x", newline="", encoding="utf-8") as table:
            writer = csv.writer(table)
            writer.writerow(HEAD)
            for path, name, probability in _predictions(
                fold_batch_norms(model).to(device), files, batch_size, device, say
            ):
                writer.writerow([path.relative_to(folder).as_posix(), name, f"{probability:.6f}"])
                count += 1
        if not count:
            raise UserError(f"none of the {len(files)} image files in {folder} can be decoded")
        os.link(draft, out)  # refuses what came meanwhile
    except OSError as error:
        raise UserError(f"the table {out} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return count


def _predictions(
    model: Model, files: Sequence[Path], batch_size: int, device: torch.device, say: Callable[[str], None]
) -> Iterator[tuple[Path, str, float]]:
    for start in range(0, len(files), batch_size):
        images, readable = [], []
        for path in files[start : start + batch_size]:
            try:
                images.append(model.preprocess(path))
                readable.append(path)
            except UserError as error:
                say(str(error))
        if not images:
            continue
        with torch.inference_mode():
            probabilities, labels = model(torch.cat(images).to(device)).float().softmax(1).max(1)
        for path, label, probability in zip(readable, labels.tolist(), probabilities.tolist(), strict=True):
            yield path, model.classes[label], probability
