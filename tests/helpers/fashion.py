"""Fashion-MNIST (Xiao et al. 2017, arXiv 1708.07747) from Debian's package, as PNG in folders: by the code that
docs/own-images.md gives to its readers."""

import re
from pathlib import Path
from typing import Any

import pytest

INSTALLED = Path("/usr/share/datasets/fashion-mnist")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-images.md"


def documented_block(start: str) -> str:
    """The Python block of the page that begins with these words."""
    blocks = re.findall(r"^```python[^\n]*\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if block.startswith(start)]
    return block


def fashion_folders(root: Path, train: int, test: int) -> Path:
    """train/CLASS and test/CLASS with the first images of the official parts."""
    if not INSTALLED.is_dir():
        pytest.skip("needs the Debian package dataset-fashion-mnist")
    names: dict[str, Any] = {"__name__": "documented"}
    exec(documented_block("import gzip"), names)
    names["write_folders"](root, train, test)
    return root
