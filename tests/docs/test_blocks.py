"""Code blocks of the documents run, page by page, or say why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import LANGUAGES, PAGES, ROOT, blocks, runnable

LONG = {"quick-start"}  # minutes: it evolves the demo


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_say_what_they_are(page):
    wrong = [block for block in blocks(page) if block.language not in LANGUAGES]
    assert [f"{block.page.name}:{block.line}" for block in wrong] == []


def of(page: Path) -> object:
    return pytest.param(page, id=page.stem, marks=[pytest.mark.slow] if page.stem in LONG else [])


@pytest.mark.parametrize("page", [of(page) for page in PAGES if runnable(page)])
@pytest.mark.timeout(1200)
def test_a_page_runs(page, tmp_path):
    """In one folder: shell and files in the order of the page, then what is Python, as one program."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:.",
    }
    if "NAS_TEST_DATA" in os.environ:
        environment["NAS_DATA"] = os.environ["NAS_TEST_DATA"]
    found = runnable(page)
    for block in found:
        if block.file:
            path = tmp_path / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "bash":
            run(["bash", "-euo", "pipefail", "-c", block.text], tmp_path, environment)
    python = [block.text for block in found if block.language == "python" and not block.file]
    run([sys.executable, "-c", "\n".join(python)], tmp_path, environment)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
