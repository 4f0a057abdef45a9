"""What was measured anew of one search: a file that is replaced whole, so that nothing is measured twice."""

import json
from collections.abc import Mapping
from pathlib import Path

from nas.errors import UserError
from nas.evaluators.child import write_json

FORMAT, VERSION = "nas-reevaluation", 1
FOLDER_NAME = "reevaluations"  # of a study

Measured = dict[int, dict[int, float]]  # fitness by individual and by index of the new seed


def measured_path(study: Path, context: str, search: str) -> Path:
    """Where a study keeps what it measured anew of a search.

    Args:
        study: the study's folder.
        context: the search's.
        search: the name of the run folder.
    """
    return study / FOLDER_NAME / context / f"{search}.json"


def measured_beside(run_folder: Path) -> Path | None:
    """The file of the study that a run belongs to, that is `STUDY/searches/CONTEXT/RUN`; None if there is none.

    Args:
        run_folder: absolute.
    """
    context, study = run_folder.parent, run_folder.parent.parent.parent
    path = measured_path(study, context.name, run_folder.name)
    return path if context.parent.name == "searches" and path.exists() else None


def read_measured(path: Path, fitness: Mapping[int, float]) -> Measured:
    """Earlier measurements; empty if there are none.

    Args:
        path: of the file.
        fitness: of all individuals of the search, by number.

    Raises:
        UserError: the file is damaged, or of another search.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise UserError(f"{path} holds no re-evaluations of this version of nas")
        rows = [(int(row["number"]), float(row["selected"]), row["values"]) for row in found["individuals"]]
        measured = {number: {int(index): float(value) for index, value in own.items()} for number, _, own in rows}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"the re-evaluations {path} cannot be read: {error!r}") from error
    if any(fitness.get(number) != selected for number, selected, _ in rows):
        raise UserError(f"the re-evaluations {path} are of another search: without that file they are made again")
    return measured


def write_measured(path: Path, fitness: Mapping[int, float], measured: Measured) -> None:
    """Raises:
    UserError: the file cannot be written.
    """
    rows = [
        {"number": number, "selected": fitness[number], "values": {str(index): value for index, value in own.items()}}
        for number, own in measured.items()
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {"format": FORMAT, "version": VERSION, "individuals": rows})
    except OSError as error:
        raise UserError(f"the re-evaluations {path} cannot be written: {error.strerror}") from error
