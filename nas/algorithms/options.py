"""What the algorithms' options may be, said in one sentence."""

from collections.abc import Collection
from typing import Any

from nas.errors import UserError


def check_whole(key: str, value: Any, least: int) -> None:
    """
    Raises:
        UserError: it is no whole number, or below the least.
    """
    if type(value) is not int or value < least:
        raise UserError(f"algorithm.{key} is {value!r}, it must be a whole number of at least {least}")


def check_allowed(key: str, value: Any, allowed: Collection[str]) -> None:
    """
    Raises:
        UserError: it is none of those allowed.
    """
    if value not in tuple(allowed):
        raise UserError(f"algorithm.{key} is {value!r}, allowed are {', '.join(allowed)}")
