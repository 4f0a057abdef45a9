"""Carries what a function returned or raised from the process that ran it to the driver."""

import builtins
import pickle
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cloudpickle

from nas_launchers.executor import RemoteError


@dataclass(frozen=True)
class Returned:
    """The function's value."""

    value: Any


@dataclass(frozen=True)
class Raised:
    """The function's exception, in parts that every process can read.

    Attributes:
        module: where its class lives.
        name: of its class.
        message: its text.
        traceback: as Python prints it, chained exceptions included.
        pickled: the exception itself; None if it does not survive pickling.
    """

    module: str
    name: str
    message: str
    traceback: str
    pickled: bytes | None


class RemoteTraceback(Exception):
    """The cause of an exception that comes from another process: the traceback it had there."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def call(fn: Callable[..., Any], args: Sequence[Any], caught: type[BaseException] = BaseException) -> bytes:
    """Calls the function; its outcome, pickled. What it raises escapes only if it is none of `caught`."""
    try:
        data: bytes = cloudpickle.dumps(Returned(fn(*args)))
    except caught as error:
        return pickle.dumps(describe(error))
    return data


def outcome(data: bytes) -> Any:
    """The value that `call` pickled.

    Raises:
        Exception: the one that the function raised.
    """
    found = pickle.loads(data)
    if isinstance(found, Returned):
        return found.value
    raise rebuilt(found)


def ran_out_of_memory(data: bytes) -> bool:
    """Whether an outcome is an exception for lack of a device's memory: torch's own, or CUDA's words in another."""
    found = pickle.loads(data)
    if not isinstance(found, Raised):
        return False
    return found.name == "OutOfMemoryError" or "CUDA error: out of memory" in found.message


def describe(error: BaseException) -> Raised:
    """An exception in parts that every process can read."""
    kind = type(error)
    text = "".join(traceback.format_exception(error))
    return Raised(kind.__module__, kind.__qualname__, str(error), text, _pickled(error))


def rebuilt(raised: Raised) -> Exception:
    """The exception as the driver raises it. Never imports a module for it, and never ends the driver."""
    error = _original(raised)
    if error is None:
        kind = type(raised.name, (RemoteError,), {"__module__": raised.module})
        error = kind(raised.message)
    error.__cause__ = RemoteTraceback(raised.traceback)
    return error


def _pickled(error: BaseException) -> bytes | None:
    try:
        data = pickle.dumps(error)
        return data if type(pickle.loads(data)) is type(error) else None
    except Exception:
        return None


def _original(raised: Raised) -> Exception | None:
    if raised.pickled is None or raised.module not in sys.modules:
        return None
    if raised.module == "builtins" and not issubclass(getattr(builtins, raised.name, object), Exception):
        return None
    try:
        error = pickle.loads(raised.pickled)
    except Exception:
        return None
    return error if isinstance(error, Exception) else None
