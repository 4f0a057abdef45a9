"""Code blocks of the documents run, page by page, or say why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import LANGUAGES, PAGES, ROOT, Block, blocks, runnable

QUICK = {"laptop", "README"}  # the others take more than ten seconds


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_say_what_they_are(page):
    wrong = [block for block in blocks(page) if block.language not in LANGUAGES]
    assert [f"{block.page.name}:{block.line}" for block in wrong] == []


def of(page: Path) -> object:
    return pytest.param(page, id=page.stem, marks=[] if page.stem in QUICK else [pytest.mark.slow])


@pytest.mark.parametrize("page", [of(page) for page in PAGES if runnable(page)])
@pytest.mark.timeout(1200)
def test_a_page_runs(page, tmp_path):
    """Block after block in one folder, as a reader would who is in the environment."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    if "NAS_TEST_DATA" in os.environ:
        environment["NAS_DATA"] = os.environ["NAS_TEST_DATA"]
    for block in runnable(page):
        done = subprocess.run(
            command(block, tmp_path), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{page.name}:{block.line}\n{block.text}\n{done.stdout}\n{done.stderr}"


def command(block: Block, folder: Path) -> list[str]:
    if block.language == "bash":
        return ["bash", "-euo", "pipefail", "-c", block.text]
    script = folder / f"block_{block.line}.py"
    script.write_text(block.text)
    return [sys.executable, str(script)]
