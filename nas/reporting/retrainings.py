"""Retrainings of a search, found beside its run folder: which of its individuals were trained anew, and how they did.

A candidate is an individual of this search where number, fitness and architecture are those of the retraining's own
record, so that a run of the same name is not mistaken for it, and one that was renamed is found. Accuracies (or values
of another metric) are those that ranked (on the selection part, or validation); of a test nothing is read but the
card's headline, and that of finished searches alone.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.reporting.figures.dna import read_dna
from nas.reporting.material import Material
from nas.retraining_files import (
    CARD_FILE,
    CARD_FORMAT,
    PART_NAMES,
    RANKING_FILE,
    RETRAINING_FILE,
    RETRAINING_FORMAT,
)
from nas.search.identity import digest
from nas.search.individual import Individual
from nas.search.sealed import is_finished
from nas.search_spaces.cell_architecture import cells_architecture
from nas.search_spaces.dna_json import dna_to_json

MOST_FOLDERS = 2000  # beside the run that are looked at
MOST_BYTES = 32_000_000  # of a file
MOST_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """An individual, and its accuracy after it was trained anew."""

    individual: Individual
    accuracy: float


@dataclass(frozen=True, slots=True)
class Retraining:
    """
    Attributes:
        name: of its folder.
        part: that ranked, in words.
        rows: this search's individuals, best first; empty where the one candidate needed no ranking.
        winner: of all candidates, None where it is none of this search.
        others: candidates of other searches that were ranked too.
        failed: candidates without a result.
        headline: the card's words; None until there is a card, and while the search goes on.
    """

    name: str
    part: str
    rows: list[Row]
    winner: Individual | None
    others: int
    failed: int
    headline: str | None


@dataclass(frozen=True, slots=True)
class Retrainings:
    """Those of a search, by name, and a sentence for each folder that could not be read."""

    found: list[Retraining]
    problems: list[str]


def retrainings(material: Material) -> Retrainings:
    found, problems = [], []
    for folder in _folders(material.history.path.absolute().parent):
        try:
            read = _read(folder, material)
        except UserError as error:
            problems.append(str(error))
        else:
            found += [] if read is None else [read]
    return Retrainings(sorted(found, key=lambda one: one.name), problems[:MOST_PROBLEMS])


def _folders(run: Path) -> list[Path]:
    """Folders of retrainings beside a run; those whose name says so are looked at first."""
    try:
        with os.scandir(run.parent) as entries:
            names = sorted((not entry.name.startswith("retrain"), entry.name) for entry in entries)
    except OSError:
        return []
    folders = (run.parent / name for _, name in names[:MOST_FOLDERS])
    return [folder for folder in folders if os.path.exists(folder / RETRAINING_FILE)]


def _read(folder: Path, material: Material) -> Retraining | None:
    """None for the retraining of another search, and before anything was ranked.

    Raises:
        UserError: a file is damaged.
    """
    about, ranking = _json(folder / RETRAINING_FILE), _json(folder / RANKING_FILE)
    if about is None or ranking is None:
        return None
    try:
        if about["format"] != RETRAINING_FORMAT:
            raise ValueError(f"the format is {about['format']!r}")
        labels = [str(label) for label in about["identity"]["candidates"]]
        own = [(row, _individual(row, labels, material)) for row in ranking["rows"]]
        rows = [
            Row(individual, float(row.get("score", row["accuracy"])))
            for row, individual in own
            if individual is not None
        ]
        winner = own[0][1] if own else _only(labels, material)
        if not rows and winner is None:
            return None
        return Retraining(
            name=folder.name,
            part=PART_NAMES[ranking["part"]],
            rows=rows,
            winner=winner,
            others=len(own) - len(rows),
            failed=len(ranking["failed"]),
            headline=_headline(folder) if is_finished(material.history) else None,
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UserError(f"the retraining {folder} cannot be read: {error!r}") from error


def _individual(row: Mapping[str, Any], labels: list[str], material: Material) -> Individual | None:
    """The individual of this search that a row of the ranking is of."""
    individual = _numbered(str(row["name"]), material)
    if individual is None or individual.fitness != row["fitness"]:
        return None
    return individual if _label(str(row["name"]), individual) in labels else None


def _only(labels: list[str], material: Material) -> Individual | None:
    """The individual of this search that was retrained without rivals."""
    for label in labels:
        name = label.rpartition(" (")[0]
        individual = _numbered(name, material)
        if individual is not None and _label(name, individual) == label:
            return individual
    return None


def _numbered(name: str, material: Material) -> Individual | None:
    """The told individual whose number ends a candidate's name."""
    number = name.rpartition("-")[2]
    individuals = material.history.individuals
    if not (number.isascii() and number.isdecimal() and len(number) < 12 and int(number) < len(individuals)):
        return None
    individual = individuals[int(number)]
    return individual if individual.fitness is not None else None


def _label(name: str, individual: Individual) -> str | None:
    """What a retraining calls the individual: its name and a digest of its architecture, where that is known."""
    architecture = _architecture(individual.genome)
    return None if architecture is None else f"{name} ({digest({'architecture': architecture})})"


def _architecture(genome: Any) -> Any:
    dna = read_dna(genome)
    if dna is not None:
        return dna_to_json(dna)
    try:
        return cells_architecture(genome) if isinstance(genome, Mapping) else genome
    except (UserError, TypeError):
        return None


def _headline(folder: Path) -> str | None:
    card = _json(folder / CARD_FILE)
    if card is None:
        return None
    if card["format"] != CARD_FORMAT:
        raise ValueError(f"the card's format is {card['format']!r}")
    return str(card["headline"])


def _json(path: Path) -> Any:
    """The file's value; None if there is none.

    Raises:
        UserError: it cannot be read, or is too large to be one of ours.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        return json.loads(content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"the file {path} of a retraining cannot be read: {error}") from error
