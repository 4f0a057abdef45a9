"""The finished trainings of a child that is trained several times: none is made twice when it is interrupted."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nas.training.files import REPEATS_FILE
from nas.training.result import FitResult


def finished_repeats(folders: Sequence[Path], identity: Mapping[str, Any]) -> list[FitResult]:
    """What the first folder with a usable file holds, in order; empty if none has one.

    They took no time in this attempt.

    Args:
        folders: of attempts.
        identity: what the child is, as plain values; a file of another one is passed over with a line in the log.
    """
    for folder in folders:
        path = folder / REPEATS_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["identity"] == _plain(identity):
                return [FitResult(**result).timeless() for result in found["results"]]
            why = "is of another child"
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, KeyError) as error:
            why = f"holds no finished trainings ({type(error).__name__})"
        print(f"{path} {why}: it is passed over", file=sys.stderr, flush=True)
    return []


def repeats_data(results: Sequence[FitResult], identity: Mapping[str, Any]) -> dict[str, Any]:
    """What the file holds."""
    return {"identity": _plain(identity), "results": [asdict(result) for result in results]}


def _plain(identity: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(identity, sort_keys=True, default=str))
