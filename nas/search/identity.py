"""A search's identity: everything that changes its numbers, as plain values, compared key by key."""

import functools
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

from nas.errors import UserError
from nas.search_spaces.base import SearchSpace


def identity_of(value: Any) -> Any:
    """`value` as plain JSON data.

    An object may say it itself by a method `identity()`; a dataclass gives its `name` and its init fields, apart from
    those marked `metadata={"identity": False}`, those marked `"when set"` that have their default, and the search space
    it was made for, which has its own place.

    Raises:
        UserError: a value has no plain form.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): identity_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [identity_of(item) for item in value]
    if isinstance(value, functools.partial):
        arguments = identity_of([value.args, value.keywords])
        return {"name": _qualified_name(value.func), "arguments": arguments}
    if callable(getattr(value, "identity", None)) and not isinstance(value, type):
        return identity_of(value.identity())
    if is_dataclass(value) and not isinstance(value, type):
        return {"name": name_of(value), **fields_identity(value)}
    if callable(value):
        return _qualified_name(value)
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    raise UserError(f"{value!r} cannot be part of a search's identity: give it a method identity() -> dict")


def fields_identity(value: Any) -> dict[str, Any]:
    """The identity of a dataclass's init fields alone.

    A field marked "when set" goes without saying at its default, so that journals from before there was such a field
    stay those of the same search.
    """
    return {
        field.name: identity_of(getattr(value, field.name))
        for field in fields(value)
        if field.init
        and _counts(field.metadata.get("identity", True), getattr(value, field.name), field.default)
        and not isinstance(getattr(value, field.name), SearchSpace)
    }


def _counts(mark: Any, value: Any, default: Any) -> bool:
    return value != default if mark == "when set" else bool(mark)


def name_of(value: Any) -> str:
    """The object's `name`, or its class's full name."""
    name = getattr(value, "name", None)
    return name if isinstance(name, str) else _qualified_name(type(value))


def digest(identity: Mapping[str, Any], length: int = 6) -> str:
    """The first characters of a hash over the identity."""
    canonical = json.dumps(identity, sort_keys=True, allow_nan=False)
    return blake2b(canonical.encode(), digest_size=16).hexdigest()[:length]


def differences(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    """A phrase for every key that differs between a journal's identity and this search's.

    Parts of another name differ as a whole: their keys are not compared.
    """
    if there.get("name") != here.get("name"):
        return [_phrase(prefix, there, here)]
    found = []
    for key in sorted(there.keys() | here.keys()):
        left, right = there.get(key, _MISSING), here.get(key, _MISSING)
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            found += differences(left, right, path)
        elif left != right:
            found.append(_phrase(path, left, right))
    return found


def plain_json(identity: Mapping[str, Any]) -> dict[str, Any]:
    """The identity as it reads back from a journal.

    Raises:
        UserError: it holds a value that strict JSON does not have.
    """
    try:
        return json.loads(json.dumps(identity, sort_keys=True, allow_nan=False))
    except ValueError as error:
        raise UserError(f"the configuration holds a number that is not finite: {error}") from None


_MISSING = "nothing"


def _phrase(path: str, there: Any, here: Any) -> str:
    left, right = (value.get("name", dict(value)) if isinstance(value, Mapping) else value for value in (there, here))
    return f"{path} ({left!r} there, {right!r} here)"


def _qualified_name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"
