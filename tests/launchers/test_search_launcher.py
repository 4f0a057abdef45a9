"""A real Hydra application with our launcher: what it runs, what it says, what it leaves on disk."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LAUNCHERS = ["local", "submitit_local", "submitit_slurm", "slurm_site_example"]


@pytest.fixture
def app(tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts the application in an empty folder; `SEED_N=action` says what its search of seed N does."""
    shutil.copytree(HERE / "sweep_app", tmp_path / "app")
    shutil.copytree(ROOT / "conf" / "hydra" / "launcher", tmp_path / "app" / "conf" / "hydra" / "launcher")
    (tmp_path / "here").mkdir()

    def start(*arguments: str, **actions: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(tmp_path / "app" / "app.py"), *arguments],
            cwd=tmp_path / "here",
            env=os.environ | {"PYTHONPATH": str(ROOT / "launchers")} | actions,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def finished(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "here").iterdir())


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("mode", [(), ("-m",)])
def test_every_launcher_composes(app: Callable[..., "subprocess.Popen[str]"], launcher: str, mode: tuple[str]) -> None:
    code, out, err = finished(app(*mode, f"hydra/launcher={launcher}", "seed=9", SEED_9="show"))
    kind = "submitit_slurm" if launcher == "slurm_site_example" else launcher
    assert code == 0, err
    assert out.endswith(f"{kind} 30 2 0 None\n")


def test_single_run_with_a_worker(app: Callable[..., "subprocess.Popen[str]"], tmp_path: Path) -> None:
    assert finished(app("seed=3"))[:2] == (0, "the square is 9\n")
    assert left(tmp_path) == []


@pytest.mark.parametrize("mode", [(), ("-m",)])
def test_refused_run_leaves_nothing(
    app: Callable[..., "subprocess.Popen[str]"], tmp_path: Path, mode: tuple[str]
) -> None:
    code, out, err = finished(app(*mode, "refuse=true"))
    assert code == 1
    assert "Refused: no" in out + err
    assert left(tmp_path) == []


def test_unknown_key_in_a_sweep_leaves_nothing(app: Callable[..., "subprocess.Popen[str]"], tmp_path: Path) -> None:
    code, _, err = finished(app("-m", "seed=1,2", "sead=3"))
    assert code == 1
    assert "sead" in err
    assert left(tmp_path) == []


def test_one_failing_and_one_killed_driver(app: Callable[..., "subprocess.Popen[str]"], tmp_path: Path) -> None:
    actions = {"SEED_2": "raise", "SEED_4": "kill", "SEED_5": "exit"}
    code, out, err = finished(app("-m", "seed=1,2,3,4,5,6", **actions))
    assert code != 0
    for seed in (1, 3, 6):
        assert f"[{seed - 1} seed={seed}] the square is {seed * seed}\n" in out
    assert "[1 seed=2] ValueError: seed 2 is bad" in out
    assert "in main" in out
    assert "3 of 6 searches failed:\n" in err
    assert "  seed=2: ValueError: seed 2 is bad\n" in err
    assert "  seed=4: was killed by signal 9 (SIGKILL)" in err
    assert "  seed=5: it ended with exit code 2\n" in err
    assert left(tmp_path) == []


def test_sweep_that_ends_well(app: Callable[..., "subprocess.Popen[str]"]) -> None:
    code, out, err = finished(app("-m", "seed=1,2", "hydra.launcher.drivers_at_once=1"))
    assert code == 0
    assert out == "[0 seed=1] the square is 1\n[1 seed=2] the square is 4\n"
    assert err == "2 of 2 searches ended well\n"


def test_drivers_at_once_with_a_launcher_that_has_a_schema(app: Callable[..., "subprocess.Popen[str]"]) -> None:
    arguments = ("-m", "hydra/launcher=submitit_local", "+hydra.launcher.drivers_at_once=2", "seed=2,3")
    code, out, _ = finished(app(*arguments))
    assert code == 0
    assert sorted(out.splitlines()) == ["[0 seed=2] the square is 4", "[1 seed=3] the square is 9"]


@pytest.mark.parametrize("value", ["0", "many"])
def test_wrong_number_of_drivers(app: Callable[..., "subprocess.Popen[str]"], value: str) -> None:
    code, _, err = finished(app("-m", f"hydra.launcher.drivers_at_once={value}", "seed=1,2"))
    assert code == 1
    assert "drivers_at_once" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_every_driver_cleanly(
    app: Callable[..., "subprocess.Popen[str]"],
    tmp_path: Path,
    until: Callable[..., bool],
    gone: Callable[[int], bool],
    number: signal.Signals,
) -> None:
    process = app("-m", "seed=1,2,3", "hydra.launcher.drivers_at_once=2", SEED_1="wait", SEED_2="wait")
    files = [tmp_path / "here" / f"waiting-{seed}" for seed in (1, 2)]
    assert until(lambda: all(file.exists() and file.read_text() for file in files))
    process.send_signal(number)
    code, out, err = finished(process)
    assert code != 0
    assert f"[0 seed=1] stopping cleanly on {number.name}\n" in out
    assert f"[1 seed=2] stopping cleanly on {number.name}\n" in out
    assert f"seed=3: not started, as {number.name} came first" in err
    assert all(gone(int(file.read_text())) for file in files)


def test_drivers_stop_when_their_launcher_is_killed(
    app: Callable[..., "subprocess.Popen[str]"],
    tmp_path: Path,
    until: Callable[..., bool],
    gone: Callable[[int], bool],
) -> None:
    process = app("-m", "seed=1", SEED_1="wait")
    file = tmp_path / "here" / "waiting-1"
    assert until(lambda: file.exists() and file.read_text() != "")
    process.kill()
    process.wait()
    assert until(lambda: gone(int(file.read_text())), 5.0)
