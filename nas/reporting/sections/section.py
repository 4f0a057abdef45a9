"""A section of a report's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    Attributes:
        name: its anchor on the page: letters and hyphens.
        title: its heading.
        body: what stands below the heading.
        figures: (file name without ending, SVG) of its drawings, which also become files of their own.
        places: where the marks of individuals lie across when the page moves them to another axis, in per cent, by the
            axis' name and by number.
        findings: a sentence each for the top of the page.
    """

    name: str
    title: str
    body: Markup
    figures: Sequence[tuple[str, Markup]] = ()
    places: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    findings: Sequence[str] = ()
