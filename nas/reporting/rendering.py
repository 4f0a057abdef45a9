"""The templates of a report's page."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from nas.reporting import labels
from nas.reporting.drawings import svg


@cache
def environment() -> Environment:
    """Escapes everything; templates know `nas.reporting.labels` as `labels`, and `figure_styles()`."""
    made = Environment(loader=PackageLoader("nas.reporting"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.globals["labels"] = labels
    made.globals["figure_styles"] = lambda: Markup(svg.stylesheet())
    return made


def render(template: str, **values: Any) -> Markup:
    """A template of `nas/reporting/templates` with these values."""
    return Markup(environment().get_template(template).render(**values))


@cache
def styles(folder: str = "report") -> Markup:
    """The style sheets of a folder of templates, by name; those of the figures are `drawings.svg.stylesheet`."""
    return Markup("\n".join(text for _, text in _texts(folder, ".css")))


@cache
def scripts(folder: str = "report") -> list[tuple[Markup, str]]:
    """Every script of a folder of templates, by name, and its hash for the content security policy."""
    return [
        (Markup(text), f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}")
        for _, text in _texts(folder, ".js")
    ]


def _texts(folder: str, ending: str) -> Iterator[tuple[str, str]]:
    found = files("nas.reporting").joinpath("templates", folder).iterdir()
    for file in sorted(found, key=lambda file: file.name):
        if file.name.endswith(ending):
            yield file.name, file.read_text(encoding="utf-8")
