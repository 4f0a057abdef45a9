"""JSON files that users name."""

import json
from pathlib import Path
from typing import Any

from nas.errors import UserError


def read_json_file(path: Path, what: str) -> Any:
    """The file's value.

    Args:
        path: of the file.
        what: names it in the sentence.

    Raises:
        UserError: it cannot be read, or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"the {what} {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"the {what} {path} is no JSON: {error}") from error
