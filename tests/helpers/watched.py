"""Real searches that go on when a test says so, and real servers of their pages."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from searches import search

from nas import History
from nas.search.journal import FILE_NAME
from nas.search.lock import DriverLock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
# An evaluator whose next child ends when the file `go` holds a larger number than children have ended.
GATED = """
import pathlib, time

ended = 0

def f(genome, seed):
    global ended
    go = pathlib.Path({go!r})
    while not go.exists() or int(go.read_text() or 0) <= ended:
        time.sleep(0.02)
    ended += 1
    if seed % 11 == 0:
        raise RuntimeError("<b>unlucky</b>")
    return {{"valid_accuracy": sum(genome) / 100 + seed % 1000 / 1e5}}
"""


def until(condition: Callable[[], Any], what: str) -> Any:
    """The first value of `condition` that is true."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


class Search:
    """A driver of its own process whose children end one by one, as many as it is told."""

    def __init__(self, runs_dir: Path, name: str, evaluations: int, *overrides: str) -> None:
        self.folder, self._go = runs_dir / name, runs_dir.parent / f"{name}.go"
        modules = runs_dir.parent / f"{name}-modules"
        modules.mkdir(exist_ok=True)
        (modules / "gated.py").write_text(GATED.format(go=str(self._go)))
        command = [sys.executable, "-m", "nas.evolve", "experiment=toy", f"run={name}", f"runs_dir={runs_dir}"]
        command += ["evaluator=function", "evaluator.function=gated.f", f"budget.evaluations={evaluations}"]
        command += ["population.size=10", "population.sample_size=3", "hardware.workers=0", "report=false", *overrides]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (modules, ROOT, ROOT / "launchers")))}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        until((self.folder / "history.jsonl").exists, "the journal")

    def finish(self, children: int) -> int:
        """Lets so many children of a new search end; how many are told then."""
        self._open(children)
        until(lambda: self._ended() == children, "children")
        return len(History.load(self.folder).told_order)

    def end(self) -> None:
        """Lets it use its budget."""
        self._open(10**6)
        self.process.wait(PATIENCE_S)

    def _open(self, children: int) -> None:
        draft = self._go.with_suffix(".part")
        draft.write_text(str(children))
        draft.replace(self._go)

    def _ended(self) -> int:
        return sum(individual.state.is_finished for individual in History.load(self.folder).individuals)


class Replay:
    """A finished search that is written again child by child, under a driver's lock: quicker than a real one."""

    def __init__(self, folder: Path, evaluations: int = 60) -> None:
        whole = search(folder.with_name(f"{folder.name}-whole"), budget=evaluations).history().path
        self._lines = whole.read_bytes().splitlines(keepends=True)
        self.folder = folder
        folder.mkdir()
        self.lock = DriverLock(folder)
        self.lock.acquire()

    def finish(self, children: int) -> int:
        """Writes on until so many children have ended; gives their number back."""
        with open(self.folder / FILE_NAME, "ab") as journal:
            while children > self._ended and self._lines:
                line = self._lines.pop(0)
                journal.write(line)
                self._ended += b'"event":"told"' in line
        return self._ended

    _ended = 0


class Server:
    """`python -m nas.report ... watch=true`, and its one line of output."""

    def __init__(self, run: Path, *overrides: str) -> None:
        command = [sys.executable, "-m", "nas.report", f"run='{run}'", "watch=true", "port=0", *overrides]
        self.process = subprocess.Popen(command, cwd=ROOT, **PIPES)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/ ", self.line)
        assert found, self.line + self.process.communicate()[1]
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}/"

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def state(self) -> dict[str, Any]:
        status, _, body = self.get("/state")
        assert status == 200
        return json.loads(body)

    def page(self) -> str:
        return self.get()[2].decode()

    def marks(self) -> int:
        """How many individuals the page that is served now has drawn."""
        plot = self.page().partition('id="plot"')[2].partition("</figure>")[0]
        return len(re.findall(r"<(?:circle|rect)[^>]* data-show=", plot))

    def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first state of which something holds."""
        return until(lambda: (state := self.state()) and condition(state) and state, "a state")

    def stopped(self) -> str:
        """What it has printed after Ctrl-C ended it."""
        self.process.send_signal(2)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        assert (self.process.returncode, out) == (0, ""), out + err
        return err
