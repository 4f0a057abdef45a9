"""The sections of a report, in the order of the page.

Each is a function of the material, and None where it has nothing to show.
"""

from collections.abc import Callable

from nas.reporting.material import Material
from nas.reporting.sections import (
    architecture,
    cost,
    evolution,
    failures,
    genealogy,
    images,
    mutations,
    progress,
    provenance,
    ranking,
    reliability,
    tradeoff,
)
from nas.reporting.sections.section import Section

SECTIONS: tuple[Callable[[Material], Section | None], ...] = (
    progress.section,
    evolution.section,
    genealogy.section,
    architecture.section,
    ranking.section,
    mutations.section,
    tradeoff.section,
    reliability.section,
    cost.section,
    failures.section,
    images.section,
    provenance.section,
)
