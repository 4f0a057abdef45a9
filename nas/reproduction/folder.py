"""The folder of a reproduction: whose it is, its trainings, `reproduction.json` and the page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.evaluators.child import write_json
from nas.reporting.rendering import render
from nas.reporting.writing import write_whole
from nas.reproduction.environments import HARDWARE, NUMBERS
from nas.reproduction.result import Reproduction
from nas.search.environment import environment
from nas.search.history import History
from nas.search.identity import differences, digest, plain_json
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME as JOURNAL

FILE_NAME, PAGE = "reproduction.json", "reproduction.html"
FORMAT, VERSION = "nas-reproduction", 1


def reproduction_identity(
    history: History, individuals: Sequence[Individual], times: int, hardware: Any
) -> dict[str, Any]:
    """Everything that a reproduction's measurements follow from. In another environment it is another one."""
    here = environment()
    return plain_json(
        {
            "search": digest(history.identity, length=32),
            "individuals": [
                {"number": one.number, "fitness": one.fitness, "genome": digest({"genome": one.genome}, length=32)}
                for one in individuals
            ],
            "times": times,
            "here": {name: here[name] for name in NUMBERS if name in here},
            "hardware": {name: getattr(hardware, name) for name in ("accelerator", *HARDWARE)},
        }
    )


def default_name(name: str, identity: Mapping[str, Any]) -> str:
    """Of the folder of a reproduction of the run `name`."""
    return f"{name}-reproduction-{digest(identity)}"


def keep_identity(folder: Path, identity: Mapping[str, Any]) -> None:
    """Writes what is reproduced, or checks that the folder says the same.

    Raises:
        UserError: the folder is of a search or of another reproduction, or cannot be read or written.
    """
    path = folder / FILE_NAME
    if (folder / JOURNAL).exists():
        raise UserError(f"{folder} is the folder of a search, a reproduction needs one of its own: out=NAME")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise UserError(f"{path} is no reproduction of this version of nas")
        changed = differences(found["identity"], identity)
    except FileNotFoundError:
        write_json(path, {"format": FORMAT, "version": VERSION, "identity": identity, "result": None})
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"the reproduction {path} cannot be read: {error!r}") from error
    if changed:
        raise UserError(f"{folder} holds another reproduction, which differs in {'; '.join(changed)}: set out=NAME")


def write_result(folder: Path, identity: Mapping[str, Any], result: Reproduction) -> Path:
    """Writes what was found, and the page; returns the page.

    Raises:
        UserError: one cannot be written.
    """
    plain = result.plain()
    verdict, sentence = result.verdict
    page = render("reproduction.html.j2", result=result, plain=plain, verdict=verdict.value, sentence=sentence)
    try:
        write_json(folder / FILE_NAME, {"format": FORMAT, "version": VERSION, "identity": identity, "result": plain})
        write_whole(folder / PAGE, page.encode())
    except OSError as error:
        raise UserError(f"the reproduction {folder} cannot be written: {error.strerror}") from error
    return folder / PAGE
