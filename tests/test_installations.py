"""A checkout, an editable install and a wheel all run a search and a sweep, from another folder."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEPENDENCIES = sysconfig.get_path("purelib")


@pytest.fixture(scope="session", params=["checkout", "editable", "wheel"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """An interpreter that finds nas in one way only, and its environment. The dependencies are those of this one.

    A folder on PYTHONPATH gives its packages but not its .pth files, so an editable install in it stays out of sight.
    """
    folder = tmp_path_factory.mktemp(request.param)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "HYDRA"))}
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    interpreter = folder / "venv" / "bin" / "python"
    environment["PYTHONPATH"] = DEPENDENCIES
    if request.param == "checkout":
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), DEPENDENCIES])
    else:
        what = ["--editable", str(ROOT)] if request.param == "editable" else [str(_wheel(folder))]
        pip = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--no-deps"]
        no_isolation = ["--no-build-isolation"] if request.param == "editable" else []
        subprocess.run([*pip, *no_isolation, *what], check=True, env=environment)
    return interpreter, environment


def _wheel(folder: Path) -> Path:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def _run(python: tuple[Path, dict[str, str]], folder: Path, *arguments: str) -> str:
    interpreter, environment = python
    command = [interpreter, "-m", "nas.evolve", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_search_runs_from_another_folder(python: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    output = _run(python, tmp_path, "experiment=toy", "budget.evaluations=150", "run=one")
    assert "150 evaluations" in output
    assert (tmp_path / "runs" / "one" / "report.html").exists()


def test_a_sweep_runs_from_another_folder(python: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    _run(python, tmp_path, "-m", "experiment=toy", "budget.evaluations=120", "algorithm=aging,random", "seed=0,1")
    assert len(list((tmp_path / "runs").glob("*/report.html"))) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.fixture(scope="session")
def joblib_launcher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another plugin for `hydra/launcher`."""
    folder = tmp_path_factory.mktemp("joblib")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, "hydra-joblib-launcher"]
    if subprocess.run(pip, capture_output=True).returncode != 0:
        pytest.skip("hydra-joblib-launcher cannot be installed here")
    return folder


@pytest.mark.parametrize("launcher", ["local", "submitit_local"])
def test_a_sweep_beside_the_plugin_of_another_launcher(
    python: tuple[Path, dict[str, str]], joblib_launcher: Path, tmp_path: Path, launcher: str
) -> None:
    interpreter, environment = python
    paths = os.pathsep.join([environment["PYTHONPATH"], str(joblib_launcher)])
    beside = interpreter, {**environment, "PYTHONPATH": paths, "PYTHONWARNINGS": "error::UserWarning:hydra"}
    where = [f"hydra/launcher={launcher}", "hardware.workers=1"]
    _run(beside, tmp_path, "-m", "experiment=toy", "budget.evaluations=2", "report=false", "seed=0,1", *where)
    assert len(list((tmp_path / "runs").glob("*/history.jsonl"))) == 2
    assert "JoblibLauncher" in _run(beside, tmp_path, "--info", "plugins")


def test_the_drivers_batch_script_is_found(python: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    interpreter, environment = python
    places = "import nas, nas_launchers as n; print(*n.__path__, *[f'{p}/../launchers' for p in nas.__path__])"
    launchers = [ROOT / "launchers"] if "checkout" in str(interpreter) else []
    paths = os.pathsep.join([*map(str, launchers), environment["PYTHONPATH"]])
    done = subprocess.run(
        [interpreter, "-c", places],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [Path(place) / "driver.sbatch" for place in done.stdout.split() if (Path(place) / "driver.sbatch").exists()]
    assert len(found) == 1
    assert os.access(found[0], os.X_OK)
