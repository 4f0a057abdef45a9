"""Whose the parts of a search are: they may come from any distribution."""

import functools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions, packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

OURS = ("nas", "nas_launchers", "torch", "numpy")  # the libraries' versions are journaled anyway
UNKNOWN = "unknown"  # version of a module that no distribution brought


def plugins(*parts: Any) -> dict[str, str]:
    """Name and version of every distribution that parts come from, ours and Python's apart.

    A module that lies in no distribution counts under its own name, with its `__version__` if it has one.
    """
    found: dict[str, str] = {}
    for name in sorted({name for part in parts for name in _packages(part)}):
        owners = _owners(name)
        module = sys.modules.get(name)
        found |= owners or {name: str(getattr(module, "__version__", UNKNOWN))}
    return found


def _packages(part: Any) -> Iterator[str]:
    """Top-level packages of a part's class, its bases, and the parts and functions in its fields."""
    if isinstance(part, Mapping):
        for value in part.values():
            yield from _packages(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _packages(value)
    elif isinstance(part, functools.partial):
        yield from _packages(part.func)
        yield from _packages([part.args, part.keywords])
    elif is_dataclass(part) and not isinstance(part, type):
        for kind in type(part).__mro__:
            yield from _foreign(kind.__module__)
        for field in fields(part):
            if field.init:
                yield from _packages(getattr(part, field.name, None))
    elif callable(part) or hasattr(part, "identity"):
        made = part if hasattr(part, "__qualname__") else type(part)
        yield from _foreign(str(made.__module__))


def _foreign(module: str) -> Iterator[str]:
    name = module.partition(".")[0]
    if name not in (*OURS, "__main__") and name not in sys.stdlib_module_names:
        yield name


@functools.cache
def _owners(package: str) -> dict[str, str]:
    """The distributions that brought a top-level package."""
    names = _installed().get(package) or [one.metadata["Name"] for one in _editable(package)]
    found = {}
    for name in dict.fromkeys(names):
        try:
            found[name] = distribution(name).version
        except PackageNotFoundError:
            continue
    return found


@functools.cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def _editable(package: str) -> Iterator[Distribution]:
    """Distributions that are installed from a folder which holds the package (PEP 610): they list none of its files."""
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:
        return
    for one in distributions():
        origin = json.loads(one.read_text("direct_url.json") or "{}")
        url = urlparse(str(origin.get("url", "")))
        folder = Path(unquote(url.path)).resolve()
        is_editable = url.scheme == "file" and origin.get("dir_info", {}).get("editable")
        if is_editable and Path(file).resolve().is_relative_to(folder):
            yield one
