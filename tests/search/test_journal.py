"""The journal: torn lines, damage, full disks, newer versions."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from searches import Counted, search

from nas import History
from nas.errors import UserError
from nas.search.journal import Journal, _decode
from nas.search.journal_reader import read_events

HEADER = {"identity": {"seed": 0}, "versions": {}, "commit": None}


def make(path: Path, events: int = 3) -> Path:
    journal = Journal(path, HEADER)
    for number in range(events):
        journal.append("asked", number=number, genome="01", seed=1, parents=(), mutation=None, removed=())
    journal.close()
    return path


def test_lines_are_strict_sorted_json(tmp_path: Path) -> None:
    lines = make(tmp_path / "history.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["format"] == "nas-history"
    for line in lines:
        data = json.loads(line)
        assert line == json.dumps(data, sort_keys=True, separators=(",", ":"))
    with pytest.raises(ValueError, match="JSON"):
        Journal(tmp_path / "other.jsonl", HEADER).append("told", fitness=float("nan"))


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_is_moved_aside(tmp_path: Path, cut: int) -> None:
    path = make(tmp_path / "history.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    last = whole.splitlines(keepends=True)[-1]
    assert len(list(read_events(path))) == 2
    Journal(path, HEADER).close()
    assert path.read_bytes() == whole[: -len(last)]
    assert (tmp_path / "history.torn.1").read_bytes() == last[:-cut]
    path.write_bytes(path.read_bytes() + b'{"torn again')
    Journal(path, HEADER).close()
    assert (tmp_path / "history.torn.2").read_bytes() == b'{"torn again'


def test_damage_in_the_middle_is_refused_with_its_line(tmp_path: Path) -> None:
    path = make(tmp_path / "history.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:10] + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(UserError, match=r"line 3 .*damaged"):
        History.load(path)


def test_a_child_told_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = make(tmp_path / "history.jsonl")
    told = '{"event":"told","elapsed_s":1,"number":0,"fitness":0.5,"metrics":{},"removed":[]}\n'
    path.write_text(path.read_text() + told * 2)
    with pytest.raises(UserError, match=r"line 6 .*already"):
        History.load(path)


def test_unknown_events_are_skipped_and_newer_versions_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "history.jsonl")
    path.write_text(path.read_text() + '{"event":"sung","elapsed_s":1.0,"song":"x"}\n')
    assert len(History.load(path).individuals) == 3
    path.write_text(path.read_text().replace('"version":1', '"version":2'))
    with pytest.raises(UserError, match="version 2"):
        History.load(path)


@pytest.mark.parametrize("name", ["sung", "compare", "verifying", "run", "_init__"])
def test_a_resume_skips_unknown_events_whatever_their_name(tmp_path: Path, name: str) -> None:
    whole = search(tmp_path / "whole", budget=20).history().science()
    search(tmp_path / "a", budget=10)
    with open(tmp_path / "a" / "history.jsonl", "a") as file:
        file.write(json.dumps({"event": name, "elapsed_s": 1.0}) + "\n")
    assert search(tmp_path / "a", budget=20).history().science() == whole


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_damage(tmp_path: Path, constant: str) -> None:
    path = make(tmp_path / "history.jsonl")
    path.write_text(path.read_text().replace('"seed":1', f'"seed":{constant}', 1))
    with pytest.raises(UserError, match=rf"line 2 .*damaged: {constant}"):
        History.load(path)


@pytest.mark.parametrize(("written", "read"), [(' {"a": 1} \n', {"a": 1}), ('{"a":1}\r\n', {"a": 1}), ("[1]\n", [1])])
def test_lines_that_others_wrote_are_read_too(written: str, read: object) -> None:
    assert _decode(written) == read


@pytest.mark.parametrize("line", ["\n", "{}x\n", "{} {}\n", '{"a":1', '{"a":NaN}\n', '{"a":}\n', "{}1"])
def test_lines_that_are_no_json_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        _decode(line)


def test_a_header_without_identity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_text('{"format":"nas-history","version":1}\n')
    with pytest.raises(UserError, match=r"line 1 .*no identity"):
        search(tmp_path)


def test_a_header_that_was_never_finished_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_text('{"format":"nas-hi')
    assert search(tmp_path).spent.told == 40
    assert (tmp_path / "history.torn.1").read_text() == '{"format":"nas-hi'


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_text('{"a":1}\n')
    with pytest.raises(UserError, match="no journal"):
        History.load(tmp_path)
    with pytest.raises(UserError, match="no journal at"):
        History.load(tmp_path / "nowhere")


def test_a_journal_of_version_1_stays_readable() -> None:
    history = History.load(Path(__file__).parent / "journals" / "v1.jsonl")
    assert len(history.told) == 40
    assert history.best is not None
    assert history.best.number == max(history.told, key=lambda individual: individual.fitness or 0).number
    assert len(history.alive) == 10


def test_a_full_disk_stops_the_search_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the file's size stands for the disk: the write fails half-way through a line."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [sys.executable, "-m", "nas.evolve", "experiment=toy", f"run={tmp_path}/full", "report=false"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, preexec_fn=limit, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    journal = (tmp_path / "full" / "history.jsonl").read_bytes()
    assert journal.endswith(b"\n")
    assert len(journal) > 15_000
    again = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "full" / "history.jsonl").read_bytes().startswith(journal)


@pytest.mark.parametrize(("limit", "left"), [(0, []), (900, ["history.jsonl"])])
def test_a_disk_that_is_full_from_the_start_is_told_in_a_sentence(tmp_path: Path, limit: int, left: list[str]) -> None:
    """0 bytes do not hold the lock, 900 hold the journal's header but not the configuration."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "nas.evolve", "experiment=toy", f"run={tmp_path}/full", "report=false"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, preexec_fn=limited, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("nas: ")
    assert "cannot be written" in line
    assert [path.name for path in (tmp_path / "full").glob("*")] == left


def test_a_file_in_the_way_of_the_children_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "children").write_text("in the way")
    with pytest.raises(UserError, match=r"the folder .*attempt-1 of a child cannot be made"):
        search(tmp_path, evaluator=Counted(tmp_path / "marks"))
