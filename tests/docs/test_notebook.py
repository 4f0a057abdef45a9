"""The notebook runs: its cells, in order, as one program, as its kernel adds nothing that they use."""

import json
import os
import subprocess
import sys
from pathlib import Path

from documents import ROOT

MOST_CELLS = 15


def test_the_notebook(tmp_path: Path) -> None:
    notebook = json.loads((ROOT / "examples" / "python" / "search.ipynb").read_text())
    cells = notebook["cells"]
    assert notebook["nbformat"] == 4
    assert len(cells) < MOST_CELLS
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "launchers")))}
    command = [sys.executable, "-c", "\n".join(code)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "best" in done.stdout
    assert (tmp_path / "runs").is_dir()
