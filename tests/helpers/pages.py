"""Pages as tests read them."""

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nas import History
from nas.comparison.checklist import checklist
from nas.comparison.gathering import gather_runs
from nas.comparison.page import write_page
from nas.comparison.results import Comparison, Settings

VOID = {"meta", "input", "link", "br", "img"}


class Page(HTMLParser):
    """Text, tables and tags of a page; checks that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data.strip()
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def row(self, head: str, first: str) -> dict[str, str]:
        """The row that begins so, of the first table that has the column."""
        table = next(table for table in self.tables if head in table[0])
        return dict(zip(table[0], next(row for row in table if row[0] == first), strict=True))


SETTINGS = Settings(primary="best", top_k=3)


def compared(histories: Sequence[History], settings: Settings = SETTINGS, finals: Any = None) -> Comparison:
    return gather_runs(histories, settings, "here & now", lambda _: finals, lambda _: None, force=True)


def written(comparison: Comparison, folder: Path, command: str | None = "python -m nas.compare 'run=[A,B]'") -> Page:
    path = write_page(comparison, checklist(comparison), folder, command)
    return Page(path.read_text(encoding="utf-8"))
