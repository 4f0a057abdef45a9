"""A cluster for the tests: the one that is there, or a real one on this machine, started and stopped here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "launchers"), str(HERE.parents[1] / "launchers")]  # `calls`, and the executors
OWN_CONF = Path(os.environ.get("SLURM_TEST_ROOT", "/var/lib/nas-slurm")) / "slurm.conf"
HOW = "run tests/slurm/start.sh as root on Debian or Ubuntu, or these tests on a machine that may submit SLURM jobs"


def answers(conf: Path | None = None) -> bool:
    """Whether a cluster answers, the one of `conf` or the one that commands find by themselves."""
    environment = os.environ | ({"SLURM_CONF": str(conf)} if conf else {})
    command = ["scontrol", "ping"]
    if shutil.which("scontrol") is None:
        return False
    return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.fixture(scope="session")
def slurm() -> Iterator[None]:
    """A cluster that answers; SLURM's commands find it through the environment."""
    if answers():
        yield
        return
    started = False
    if not (OWN_CONF.exists() and answers(OWN_CONF)):
        if os.getuid() != 0 or not (shutil.which("slurmctld") or shutil.which("apt-get")):
            pytest.skip(f"no SLURM answers: {HOW}")
        start = subprocess.run([str(HERE / "start.sh")], capture_output=True, text=True, timeout=600, check=False)
        if start.returncode != 0:
            pytest.skip(f"SLURM could not be started ({start.stderr.strip()}): {HOW}")
        started = True
    os.environ["SLURM_CONF"] = str(OWN_CONF)
    yield
    del os.environ["SLURM_CONF"]
    if started:
        subprocess.run([str(HERE / "stop.sh")], timeout=120, check=True)
