"""`python -m nas.report` as people type it: mistakes in one sentence, ports, and the end by Ctrl-C."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from searches import search
from watched import ROOT, Server

MISTAKES = [
    ([], "run is missing: say run=NAME, or the path of a run folder; "),
    (["run=[]"], "run is missing"),
    (["watch=true"], "run is missing"),
    (["run=dem"], "there is no run 'dem' in"),
    (["run=dem"], "(did you mean demo?)"),
    (["run=xyz"], " has demo, other"),
    (["run=/no/such/folder"], "there is no run '/no/such/folder'"),
    (["run=empty"], "there is no journal at"),
    (["run=true"], "run is True, it must be a name or a list of names"),
    (["run="], "run is ''"),
    (["run=demo", "watch=maybe"], "watch is 'maybe', it must be true or false"),
    (["run=demo", "watch=true", "port=abc"], "port is 'abc', it must be a whole number"),
    (["run=demo", "watch=true", "port=70000"], "port is 70000, it must be from 0 (any that is free) to 65535"),
    (["run=demo", "watch=true", "port=-1"], "port is -1, it must be from 0"),
    (["run=[demo,other]", "watch=true"], "watch=true serves one run, not 2: "),
    (["run=empty", "watch=true"], "empty has no journal: it is no search, or it has not begun"),
    (["run=demo", "wach=true"], "did you mean watch?"),
]


def report(*overrides: str, runs_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nas.report", f"runs_dir={runs_dir}", *overrides]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    search(folder / "demo")
    search(folder / "other")
    (folder / "empty").mkdir()
    return folder


@pytest.mark.parametrize(("overrides", "words"), MISTAKES)
def test_a_mistake_is_told_in_one_sentence(runs_dir: Path, overrides: list[str], words: str) -> None:
    done = report(*overrides, runs_dir=runs_dir)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("nas: ")
    assert words in line


def test_many_runs_are_not_all_named(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"run-{number}").mkdir()
        (tmp_path / f"run-{number}" / "history.jsonl").touch()
    done = report("run=quite_another", runs_dir=tmp_path)
    assert "has run-0, run-1, run-2, run-3, run-4 and 4 more\n" in done.stderr


def test_a_list_of_runs_is_written(runs_dir: Path) -> None:
    done = report("run=[demo,other]", runs_dir=runs_dir)
    pages = [runs_dir / name / "report.html" for name in ("demo", "other")]
    assert done.stdout == "".join(f"Report: {page}\n" for page in pages)
    assert all(page.exists() for page in pages)


def test_a_port_in_use(runs_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = report("run=demo", "watch=true", f"port={port}", runs_dir=runs_dir)
    assert (done.returncode, done.stdout) == (2, "")
    expected = f"nas: port={port} is in use on 127.0.0.1: choose another, or port=0 for any that is free\n"
    assert done.stderr == expected


def test_the_line_says_where_and_how_from_elsewhere(runs_dir: Path, serve) -> None:
    server: Server = serve("demo", f"runs_dir={runs_dir}")
    port = server.port
    assert server.line.startswith(f"Watching {runs_dir / 'demo'}: http://127.0.0.1:{port}/ ")
    assert f" ssh -L {port}:127.0.0.1:{port} {socket.gethostname()} " in server.line
    assert server.stopped() == ""
    again = serve("demo", f"runs_dir={runs_dir}", f"port={port}")
    assert again.port == port
    assert again.stopped() == ""


def test_a_journal_itself_may_be_named(runs_dir: Path, serve) -> None:
    server = serve(runs_dir / "demo" / "history.jsonl")
    assert server.until(lambda state: state["version"])["state"] == "finished"


def test_a_name_that_no_file_system_takes_is_a_sentence(runs_dir: Path) -> None:
    done = report(f"run={'a' * 5000}", runs_dir=runs_dir)
    assert done.returncode == 2
    assert done.stderr.endswith("which cannot be read: File name too long\n")
