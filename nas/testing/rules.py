"""What a suite says when a part breaks a rule: the rule, then what happened."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])


class BrokenRule(AssertionError):
    """A part does not hold what every part of its kind must."""


def rule(sentence: str) -> Callable[[Test], Test]:
    """Names the rule that a test of a suite checks; whatever goes wrong in the test breaks it."""

    def named(test: Test) -> Test:
        @functools.wraps(test)
        def checked(suite: Any, *args: Any, **kwargs: Any) -> None:
            try:
                test(suite, *args, **kwargs)
            except (Exception, pytest.fail.Exception) as error:
                what = str(error).strip() or type(error).__name__
                raise BrokenRule(f"{type(suite).__name__} breaks the rule: {sentence}. {what}") from error

        return checked  # type: ignore[return-value]

    return named
