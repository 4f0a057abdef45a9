"""The files of an archive: these names and no other, and how large each may be."""

import re
from dataclasses import dataclass

FORMAT, VERSION = "nas-archive", 1
MANIFEST = "manifest.json"
JOURNAL = "history.jsonl"
CONFIG = "config.yaml"
ENVIRONMENT = "environment.json"
REPORT = "report.html"
SPLIT = "split"
PARTS = ("train", "valid", "selection")
REQUIRED = (JOURNAL, ENVIRONMENT, MANIFEST)
MOST_FILES = 100
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Kind:
    """Names that a pattern matches as a whole, and the bytes that such a file has at most, unpacked."""

    pattern: re.Pattern[str]
    most_bytes: int


_KINDS = (
    Kind(re.compile(re.escape(MANIFEST)), _MB),
    Kind(re.compile(re.escape(JOURNAL)), 8192 * _MB),
    Kind(re.compile(re.escape(CONFIG)), 4 * _MB),
    Kind(re.compile(re.escape(ENVIRONMENT)), 4 * _MB),
    Kind(re.compile(re.escape(REPORT)), 256 * _MB),
    Kind(re.compile(rf"{SPLIT}/({'|'.join(PARTS)})\.(npy|txt)"), 1024 * _MB),
    Kind(re.compile(r"cards/[A-Za-z0-9][A-Za-z0-9._=,+-]{0,150}\.json"), 32 * _MB),
)


def most_bytes(name: str) -> int | None:
    """How large a file of this name may be; None where an archive has none of this name."""
    return next((kind.most_bytes for kind in _KINDS if kind.pattern.fullmatch(name)), None)
