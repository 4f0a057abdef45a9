"""The one exception that means "a person can mend this", and the sentence for a name that does not exist."""

import difflib
from typing import Any


class UserError(ValueError):
    """A mistake in what the user gave: one sentence with the offending value and what is allowed.

    Entry points print it without a traceback and exit with code 2. Everything else that escapes is a defect of ours
    and keeps its traceback.
    """


def unknown(what: str, name: str, options: list[str]) -> str:
    """A sentence that names what there is, and what was probably meant."""
    near = difflib.get_close_matches(name, [option.rpartition(".")[2] for option in options], n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"{what} is unknown, choose one of {', '.join(options)}{meant}"


def check_part(part: Any, kind: type, key: str) -> None:
    """
    Raises:
        UserError: it is none of that kind.
    """
    if not isinstance(part, kind):
        made = part if isinstance(part, type) else type(part)
        raise UserError(
            f"{key} is {made.__module__}.{made.__qualname__}, which is no {kind.__name__}: "
            f"it must extend {kind.__module__}.{kind.__name__}"
        )
