"""A plug-in's search on a real cluster: its jobs import the plug-in too, also after the driver was killed."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from nas import History
from tests.helpers.plugin import SEARCH, install

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

ON_SLURM = ["hydra/launcher=submitit_slurm", "hardware.mem_gb=2", "hardware.workers=2", "run=slurm"]


def test_killed_and_resumed_on_slurm(tmp_path: Path) -> None:
    installed = install(tmp_path)
    command = installed.command("nas.evolve", "--config-dir", "conf", *SEARCH, *ON_SLURM)
    journal = installed.folder / "runs" / "slurm" / "history.jsonl"
    with (tmp_path / "log").open("w") as log:
        driver = subprocess.Popen(command, cwd=installed.folder, env=installed.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline and driver.poll() is None:
            if journal.exists() and journal.read_text().count('"event":"told"') >= 3:
                break
            time.sleep(0.2)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    assert journal.exists(), (tmp_path / "log").read_text()
    assert 3 <= len(History.load(journal).told) < 10, (tmp_path / "log").read_text()
    installed.evolve(*ON_SLURM, "resume.verify=true")
    history = History.load(journal)
    assert len(history.told) == 10
    assert not any(individual.state.value == "failed" for individual in history.individuals)
    assert all(individual.job for individual in history.individuals)
    assert history.header["plugins"] == {"nas-plugin-example": "0.1.0"}
    installed.evolve("run=local", "hardware.workers=2")
    assert history.science() == History.load(installed.folder / "runs" / "local").science()
