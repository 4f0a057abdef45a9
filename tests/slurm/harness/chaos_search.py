"""A search as the user types it, in a process of its own that tests may kill, and what it left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos_cluster import queued, until

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SMALL = (
    "search_space=bits",
    "search_space.num_bits=20",
    "evaluator=chaos",
    "hardware=cpu",
    "hardware.mem_gb=1",
    "hardware.timeout_min=10",
    "population.size=6",
    "population.sample_size=2",
    "progress=plain",
    "report=false",
)


class Search:
    """One run folder and the drivers that work on it, one after the other.

    Args:
        place: an empty folder of the test's own.
        overrides: of the command line.
        name: of the run.
        before: words before `python`.
        preflight: whether a job looks around first, as it does unless a user says otherwise.
    """

    def __init__(
        self, place: Path, *overrides: str, name: str = "run", before: tuple[str, ...] = (), preflight: bool = False
    ) -> None:
        self.place, self.name, self.before = place, name, before
        self.folder = place / name
        self.since = time.strftime("%Y-%m-%dT%H:%M:%S")
        self.diary_path = place / f"{name}.diary"
        self.gate = place / f"{name}.gate"
        self.bin = place / f"{name}.bin"
        self.bin.mkdir()
        self.output_path = place / f"{name}.out"
        self.overrides, self.flags = list(overrides), list[str]()
        self.settings = [*SMALL, f"evaluator.diary={self.diary_path}", f"evaluator.gate={self.gate}"]
        self.settings.append(f"preflight={str(preflight).lower()}")
        self.environment = os.environ | {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, (HERE, ROOT, ROOT / "launchers"))),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        where = [f"run={self.name}", f"runs_dir={self.place}", "hydra/launcher=submitit_slurm"]
        words = [sys.executable, "-m", "nas.evolve", *self.flags, "--config-dir", str(HERE / "conf")]
        return [*self.before, *words, *self.settings, *where, *self.overrides]

    def start(self) -> "Search":
        with self.output_path.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        (self.bin / "driver").write_text(str(self.process.pid))
        return self

    def wait(self, seconds: float = 200) -> int:
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the driver did not end in {seconds:.0f} s\n{self.output}\n{self.journal}") from None

    def finish(self, seconds: float = 200) -> None:
        """Starts the driver if none runs, and waits for its good end."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        code = self.wait(seconds)
        assert code == 0, f"exit code {code}\n{self.output}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals = signal.SIGINT) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def open_gate(self) -> None:
        self.gate.touch()

    @property
    def output(self) -> str:
        return self.output_path.read_text(errors="replace") if self.output_path.exists() else ""

    @property
    def sentences(self) -> list[str]:
        return [line for line in self.output.splitlines() if line.startswith("nas: ")]

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The journal's events; a line that is still being written is left out."""
        return _lines(self.folder / "history.jsonl")[1:]

    @property
    def diary(self) -> list[dict[str, Any]]:
        return _lines(self.diary_path)

    def events(self, *kinds: str, number: int | None = None) -> list[dict[str, Any]]:
        return [
            event
            for event in self.journal
            if event["event"] in kinds and (number is None or event.get("number") == number)
        ]

    def started(self, *numbers: int) -> bool:
        """Whether each of these children has begun."""
        return set(numbers) <= {line["number"] for line in self.diary if line["event"] == "start"}

    def job_of(self, number: int) -> str:
        return str(self.events("submitted", "requeued", number=number)[-1]["job"])

    def until(self, condition: Callable[[], object], what: str, seconds: float = 90) -> None:
        """Waits for something to happen while the driver works."""
        try:
            until(condition, seconds, what)
        except AssertionError as error:
            if self.process is not None:
                self.kill()
            raise AssertionError(f"{error}\n{self.output}\n{self.journal}\n{queued(self.folder)}") from None

    def wrap(self, command: str, lines: str) -> None:
        """Puts a script before SLURM's command of this name; in it, $real is the command and $driver the driver."""
        real = shutil.which(command)
        assert real is not None
        script = self.bin / command
        script.write_text(f'#!/bin/bash\nreal={real}\ndriver=$(cat {self.bin}/driver)\n{lines}\nexec $real "$@"\n')
        script.chmod(0o755)

    def break_command(self, command: str, words: str) -> None:
        """Lets a SLURM command fail with these words until `mend_command`."""
        self.wrap(command, f'echo "{words}" >&2\nexit 1')

    def mend_command(self, command: str) -> None:
        (self.bin / command).unlink()


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    data = path.read_bytes()
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


def wait_until_gone(search: Search, seconds: float = 25) -> None:
    """SLURM needs a moment to end what was cancelled; a job that nobody cancelled stays longer."""
    search.until(lambda: not queued(search.folder), "no job of the run is left in the queue", seconds)


def sleep_while_running(search: Search, seconds: float) -> None:
    """Lets time pass, in which the driver must stay alive."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert search.process is not None
        assert search.process.poll() is None, search.output
        time.sleep(0.2)
