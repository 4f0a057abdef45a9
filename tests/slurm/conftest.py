"""A cluster for the tests: the one that is there, or a real one on this machine, started and stopped here."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "launchers"), str(HERE.parents[1] / "launchers")]  # `calls`, and the executors
sys.path.insert(0, str(HERE / "harness"))
OWN_CONF = Path(os.environ.get("SLURM_TEST_ROOT", "/var/lib/nas-slurm")) / "slurm.conf"
HOW = "run tests/slurm/start.sh as root on Debian or Ubuntu, or these tests on a machine that may submit SLURM jobs"


def answers(conf: Path | None = None) -> bool:
    """Whether a cluster answers, the one of `conf` or the one that commands find by themselves."""
    environment = os.environ | ({"SLURM_CONF": str(conf)} if conf else {})
    command = ["scontrol", "ping"]
    if shutil.which("scontrol") is None:
        return False
    return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode == 0


def start_own() -> bool:
    """Starts this folder's cluster and lets SLURM's commands find it. True if this started it: then stop it.

    Raises:
        pytest.skip.Exception: it cannot run here.
    """
    runs = OWN_CONF.exists() and answers(OWN_CONF)
    if not runs and (os.getuid() != 0 or not (shutil.which("slurmctld") or shutil.which("apt-get"))):
        pytest.skip(f"no SLURM answers: {HOW}")
    start = subprocess.run([str(HERE / "start.sh")], capture_output=True, text=True, timeout=600, check=False)
    if start.returncode != 0:
        pytest.skip(f"SLURM could not be started ({start.stderr.strip()}): {HOW}")
    os.environ["SLURM_CONF"] = str(OWN_CONF)
    return not runs


@pytest.fixture(scope="session")
def slurm() -> Iterator[None]:
    """A cluster that answers; SLURM's commands find it through the environment."""
    if answers():
        yield
        return
    started = start_own()
    yield
    del os.environ["SLURM_CONF"]
    if started:
        subprocess.run([str(HERE / "stop.sh")], timeout=120, check=True)


@pytest.fixture(scope="session")
def place(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.TempPathFactory]:
    """Of tests that take nodes down and preempt jobs, which no cluster but our own may suffer.

    Each gets an empty folder of its own: see `pytest_pyfunc_call`.
    """
    from chaos_cluster import own_shape

    before, started = os.environ.get("SLURM_CONF"), False
    if not own_shape():
        started = start_own()
    yield tmp_path_factory
    if started:
        subprocess.run([str(HERE / "stop.sh")], timeout=120, check=True)
        os.environ.pop("SLURM_CONF")
        if before is not None:
            os.environ["SLURM_CONF"] = before


AT_ONCE = 6  # searches mostly wait
running: dict[str, "Future[float]"] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """The first test marked `side_by_side` starts all of them; each then waits for its own end."""
    if pyfuncitem.get_closest_marker("side_by_side") is None:
        return None
    if not running:
        factory = pyfuncitem.funcargs["place"]
        pool = ThreadPoolExecutor(AT_ONCE)
        for item in pyfuncitem.session.items:
            if isinstance(item, pytest.Function) and item.get_closest_marker("side_by_side"):
                place = factory.mktemp(re.sub(r"\W+", "-", item.name.removeprefix("test_")))
                running[item.nodeid] = pool.submit(timed, item, place)
        pool.shutdown(wait=False)
    pyfuncitem.user_properties.append(("seconds", running[pyfuncitem.nodeid].result()))
    return True


def timed(item: pytest.Function, place: Path) -> float:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    start = time.monotonic()
    item.obj(place=place, **parameters)
    return time.monotonic() - start


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How long each of the tests took that ran side by side: pytest's own durations are of waiting for them."""
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    lines = [(dict(report.user_properties).get("seconds"), report.nodeid) for report in reports]
    if any(seconds is not None for seconds, _ in lines):
        terminalreporter.section("searches side by side")
        for seconds, name in sorted(line for line in lines if line[0] is not None):
            terminalreporter.write_line(f"{seconds:6.1f} s  {name.rpartition('::')[2]}")
