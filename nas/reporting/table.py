"""A table of a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows of as many cells."""

    head: list[str]
    rows: list[list[str]]
