"""`examples/plugin` as a user has it: a distribution of its own, installed beside ours, and its YAML elsewhere."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "plugin"
SEARCH = [
    "experiment=demo",
    "search_space=swap_cells",
    "algorithm=halving",
    "algorithm.eta=2",
    "training.epochs=3",
    "dataset.fraction=0.1",
    "budget.evaluations=10",
]


@dataclass(frozen=True)
class Installation:
    """
    Attributes:
        python: an interpreter in whose environment nothing but the plug-in is installed.
        environment: through which it sees nas and what nas needs.
        folder: where the user works; holds `conf` and the plug-in's tests, but not its module.
    """

    python: Path
    environment: dict[str, str]
    folder: Path

    def command(self, module: str, *arguments: str) -> list[str]:
        return [str(self.python), "-m", module, *arguments]

    def run(self, module: str, *arguments: str, timeout_s: float = 280) -> str:
        """What the program prints; it must end well."""
        done = subprocess.run(
            self.command(module, *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def evolve(self, *overrides: str) -> str:
        return self.run("nas.evolve", "--config-dir", "conf", *SEARCH, *overrides)


def install(folder: Path) -> Installation:
    """Installs the example, without a network, into an environment made for it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "HYDRA"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])
    shutil.copytree(EXAMPLE, folder / "source")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", str(folder / "source")], check=True, env=environment)
    place = folder / "work"
    shutil.copytree(EXAMPLE / "conf", place / "conf")
    shutil.copy(EXAMPLE / "test_plugin.py", place)
    return Installation(python, environment, place)
