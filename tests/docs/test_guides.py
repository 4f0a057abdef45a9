"""Every block of the guides runs, in order, in an empty folder; one that does not says what it needs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = "# not run: needs "
MOST_CELLS = 15


def blocks(guide: str) -> list[tuple[str, str, str]]:
    """(language, file or "", text) of what is run or written."""
    found = BLOCK.findall((ROOT / "docs" / guide).read_text())
    assert found
    return [block for block in found if not block[2].startswith(NOT_RUN)]


def run(folder: Path, command: list[str]) -> str:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "launchers"))),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_guide_to_plug_ins(tmp_path: Path) -> None:
    for language, file, text in blocks("plugins.md"):
        if file:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text)
        else:
            assert language == "bash"
            run(tmp_path, ["bash", "-euc", text])
    assert (tmp_path / "runs" / "flips" / "report.html").exists()


@pytest.mark.slow
def test_the_guide_to_python(tmp_path: Path) -> None:
    found = blocks("python.md")
    assert {language for language, _, _ in found} == {"python"}
    output = run(tmp_path, [sys.executable, "-c", "\n".join(text for _, _, text in found)])
    assert "seed (0 there, 1 here)" in output


@pytest.mark.slow
def test_the_notebook(tmp_path: Path) -> None:
    """Its cells, in order, as one program: a notebook's kernel adds nothing that they use."""
    notebook = json.loads((ROOT / "examples" / "python" / "search.ipynb").read_text())
    cells = notebook["cells"]
    assert notebook["nbformat"] == 4
    assert len(cells) < MOST_CELLS
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")
    output = run(tmp_path, [sys.executable, "-c", "\n".join(code)])
    assert "best" in output
    assert (tmp_path / "runs").is_dir()


def test_blocks_that_do_not_run_say_what_they_need() -> None:
    for guide in ("plugins.md", "python.md"):
        text = (ROOT / "docs" / guide).read_text()
        assert len(BLOCK.findall(text)) == text.count("\n```") / 2 + text.startswith("```") / 2
