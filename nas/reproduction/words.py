"""Words of strangers, as a terminal may show them."""

from collections.abc import Sequence
from typing import Any

MOST_CHARACTERS = 80
MOST_PHRASES = 8
_COMMIT = 12  # characters


def shown(value: Any, most: int = MOST_CHARACTERS) -> str:
    """Short, and without what would move a terminal's cursor."""
    return "".join(char for char in str(value) if char.isprintable())[:most]


def difference(name: str, there: Any, here: Any) -> str:
    """How a value differs; of a commit the first characters."""
    left, right = ("none" if value is None else shown(value) for value in (there, here))
    if name == "commit":
        left, right = (commit[:_COMMIT] + ("+" if commit.endswith("+") else "") for commit in (left, right))
    return f"{shown(name)} {left} there, {right} here"


def listed(phrases: Sequence[str], most: int = MOST_PHRASES) -> str:
    """The first of them, and how many more there are."""
    more = len(phrases) - most
    return ", ".join(phrases[:most]) + (f" and {more} more" if more > 0 else "")
