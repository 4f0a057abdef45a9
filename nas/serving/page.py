"""The report's page as it is served: with a band that says where the search stands, and the script that renews it."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from nas.reporting.drawings.svg import stylesheet
from nas.reporting.material import Material
from nas.reporting.rendering import render, scripts, styles
from nas.reporting.report import page_of, sections_of
from nas.search.history import History
from nas.serving.glance import Glance

FOLDER = "live"  # of the templates


@dataclass(frozen=True, slots=True)
class Page:
    """
    Attributes:
        version: differs between any two pages; "" of one without a report.
        told: how many individuals of it are told.
        content: HTML.
        packed: the same, gzip.
    """

    version: str
    told: int
    content: bytes
    packed: bytes


@cache
def policy() -> str:
    """What these pages say to a browser of themselves, as a header: their own scripts, and no word to anybody else."""
    hashes = " ".join(f"'{digest}'" for folder in ("report", FOLDER) for _, digest in scripts(folder))
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {hashes}; connect-src 'self'; img-src data:"


@cache
def made() -> str:
    """The same for pages that differ in what is on them alone, so that one may take the other's place."""
    parts = (policy(), stylesheet(), styles(), styles(FOLDER))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def report_page(history: History, glance: Glance, version: str, now_s: float) -> Page:
    """The page of a search; its report is what `python -m nas.report` writes."""
    material = Material(history)
    text = page_of(material, sections_of(material), "live/report.html.j2", **_band(glance, version, now_s))
    return _page(text, version, len(history.told_order))


def waiting_page(name: str, glance: Glance, now_s: float) -> Page:
    """The page of the run `name` before there is anything to report."""
    return _page(render("live/waiting.html.j2", name=name, styles=styles(), **_band(glance, "", now_s)), "", 0)


def _band(glance: Glance, version: str, now_s: float) -> dict[str, Any]:
    return {
        "state": glance.state,
        "sentence": glance.sentence(now_s),
        "version": version,
        "made": made() if version else "",
        "live_styles": styles(FOLDER),
        "live_scripts": scripts(FOLDER),
    }


def _page(text: str, version: str, told: int) -> Page:
    content = text.encode()
    return Page(version, told, content, gzip.compress(content, 6))
