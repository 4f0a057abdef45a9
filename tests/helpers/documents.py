"""Code blocks of README.md and docs/: what they are, and which of them can run here."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN = re.compile(r"#+ not run: needs \S")
LANGUAGES = ("bash", "python", "yaml", "text")  # the first two run


@dataclass(frozen=True)
class Block:
    """
    Attributes:
        line: of the page, where the block begins.
        language: None of an indented block.
        file: that a reader writes the text to; "" where it is typed.
    """

    page: Path
    line: int
    language: str | None
    file: str
    text: str

    @property
    def runs(self) -> bool:
        return (bool(self.file) or self.language in ("bash", "python")) and not NOT_RUN.match(self.text)

    def commands(self) -> list[list[str]]:
        """Words of each line of a shell, without comments."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


def blocks(page: Path) -> list[Block]:
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        if token.type in ("fence", "code_block") and not token.info.startswith("{"):
            assert token.map is not None
            language, _, file = token.info.strip().partition(" file=")
            found.append(Block(page, token.map[0] + 1, language or None, file, token.content))
    return found


def runnable(page: Path) -> list[Block]:
    """In the order of the page; one may need what an earlier one left."""
    return [block for block in blocks(page) if block.runs]


def python_commands(page: Path) -> list[list[str]]:
    """`python -m nas.X ...`, of all blocks, whether they run here or not."""
    commands = [words for block in blocks(page) if block.language == "bash" for words in block.commands()]
    stripped = [words[_variables(words) :] for words in commands]
    return [words for words in stripped if words[:2] == ["python", "-m"] and words[2].startswith("nas.")]


def _variables(words: list[str]) -> int:
    return next((at for at, word in enumerate(words) if "=" not in word), len(words))
