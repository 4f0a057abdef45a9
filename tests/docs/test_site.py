"""The site builds without a warning, and says what there is."""

import re
import subprocess
import sys

import pytest
from documents import ROOT

from nas.application import config_folder


def test_the_site_builds(tmp_path):
    pytest.importorskip("sphinx")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-n", "docs", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Quick start" in (tmp_path / "site" / "index.html").read_text()


def test_every_experiment_is_on_its_page():
    named = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "experiments.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(path.stem for path in (config_folder() / "experiment").glob("*.yaml"))


def test_the_papers_files_exist():
    text = (ROOT / "docs" / "from-the-papers.md").read_text()
    named = re.findall(r"`((?:nas|conf|launchers)/[\w/.]*)`", text)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert set(re.findall(r"`experiment=(\w+)`", text)) <= {
        path.stem for path in (config_folder() / "experiment").glob("*")
    }
