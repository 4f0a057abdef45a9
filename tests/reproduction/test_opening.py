"""Archives of strangers: whatever is odd in one is a sentence, before anything of it is used."""

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nas.errors import UserError
from nas.reproduction.archive_files import most_bytes
from nas.reproduction.archiving import write_archive
from nas.reproduction.asking import ask_again
from nas.reproduction.opening import opened_archive
from nas.reproduction.remaking import remade_space
from nas.search.history import History
from tests.reproduction.conftest import TOY, fitness_changed

Make = Callable[..., Path]
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def good(kept: Make, tmp_path: Path) -> dict[str, bytes]:
    """The files of an archive."""
    path = write_archive(kept(*TOY, evaluations=40), tmp_path / "good.zip", print)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def listed(files: dict[str, bytes], **manifest: Any) -> dict[str, bytes]:
    """With a manifest that has the right checksums."""
    own = {name: content for name, content in files.items() if name != "manifest.json"}
    facts = {name: {"sha256": hashlib.sha256(it).hexdigest(), "bytes": len(it)} for name, it in own.items()}
    content = json.dumps({**json.loads(files["manifest.json"]), "files": facts, **manifest}).encode()
    return {**own, "manifest.json": content}


def packed(path: Path, files: dict[str, bytes], more: Callable[[zipfile.ZipFile], None] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if more is not None:
            more(archive)
    return path


def refused(path: Path, words: str) -> None:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(UserError, match=words) as error, opened_archive(path):
        pytest.fail("it was opened")
    assert "\n" not in str(error.value)
    assert sorted(path.parent.rglob("*")) == before


def test_a_good_one_is_the_search_that_was_packed(good: dict[str, bytes], kept: Make, tmp_path: Path) -> None:
    with opened_archive(packed(tmp_path / "a.zip", listed(good))) as archive:
        assert archive.history.science() == History.load(kept(*TOY, evaluations=40)).science()
        assert (archive.name, archive.partial) == ("a", False)
        folder = archive.history.path.parent.parent
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["history.jsonl"]
    assert not folder.exists()


def test_one_of_a_newer_version_is_refused_before_anything_else(good: dict[str, bytes], tmp_path: Path) -> None:
    newer = listed({**good, "things_of_the_future.bin": b"x"}, version=2)
    words = r"made by a newer version of nas: its format is 2, this nas reads up to 1, update nas"
    refused(packed(tmp_path / "a.zip", newer), words)
    refused(packed(tmp_path / "b.zip", {"manifest.json": newer["manifest.json"]}), words)


NAMES = [
    "../evil.txt",
    "/tmp/evil.txt",
    "split/../../evil.npy",
    "split\\..\\evil.npy",
    "cards/../evil.json",
    "cards/.hidden.json",
    "cards/a/b.json",
    "C:evil.txt",
    "weights.pkl",
    "history.jsonl/",
    "HISTORY.JSONL",
    "split/train.npy.",
    "cards/a.json\n",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_archive_has(name: str, good: dict[str, bytes], tmp_path: Path) -> None:
    assert most_bytes(name) is None
    refused(packed(tmp_path / "a.zip", listed({**good, name: b"x"})), "which no archive of nas has")


def test_a_name_with_a_hidden_end(good: dict[str, bytes], tmp_path: Path) -> None:
    """zipfile cuts names at a zero byte."""
    path = packed(tmp_path / "a.zip", listed({**good, "cards/x.json#../evil": b"x"}))
    path.write_bytes(path.read_bytes().replace(b"cards/x.json#../evil", b"cards/x.json\0../evil"))
    refused(path, "which no archive of nas has")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFDIR])
def test_a_link_is_no_file(kind: int, good: dict[str, bytes], tmp_path: Path) -> None:
    def more(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("cards/link.json")
        info.create_system, info.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    refused(packed(tmp_path / "a.zip", listed(good), more), "no plain file")


def test_the_same_name_twice(good: dict[str, bytes], tmp_path: Path) -> None:
    def more(archive: zipfile.ZipFile) -> None:
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("config.yaml", "other: true")

    refused(packed(tmp_path / "a.zip", listed(good), more), r"holds 'config\.yaml' twice")


def test_files_and_manifest_must_name_the_same(good: dict[str, bytes], tmp_path: Path) -> None:
    whole = listed(good)
    for name in ("history.jsonl", "environment.json", "config.yaml"):
        lacking = {own: content for own, content in whole.items() if own != name}
        refused(packed(tmp_path / "a.zip", lacking), f"lacks '{name}'")
    for name in ("history.jsonl", "environment.json"):
        unlisted = listed({own: content for own, content in good.items() if own != name})
        refused(packed(tmp_path / "a.zip", {**unlisted, name: good[name]}), f"holds '{name}', which its manifest")
        refused(packed(tmp_path / "a.zip", unlisted), f"lacks '{name}'")
    refused(packed(tmp_path / "a.zip", {**whole, "split/train.npy": b"x"}), r"'split/train\.npy', which its manifest")


@pytest.mark.parametrize("name", ["history.jsonl", "config.yaml", "report.html", "environment.json"])
def test_a_file_that_was_changed(name: str, good: dict[str, bytes], tmp_path: Path) -> None:
    whole = listed(good)
    other = whole[name].replace(b"0", b"1", 1)
    assert other != whole[name]
    refused(packed(tmp_path / "a.zip", {**whole, name: other}), "it was changed")


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_holds(good: dict[str, bytes], tmp_path: Path) -> None:
    bomb = b"\0" * (most_bytes("config.yaml") + 1)
    refused(packed(tmp_path / "a.zip", listed({**good, "config.yaml": bomb})), "bytes, it may have")
    path = packed(tmp_path / "b.zip", listed({**good, "config.yaml": bomb}))
    content = path.read_bytes()
    size, lie = struct.pack("<I", len(bomb)), struct.pack("<I", 100)
    assert content.count(size) >= 2
    path.write_bytes(content.replace(size, lie))
    refused(path, "cannot be read|holds more|it was changed")


def test_too_many_files(good: dict[str, bytes], tmp_path: Path) -> None:
    many = {f"cards/{number}.json": b"{}" for number in range(200)}
    refused(packed(tmp_path / "a.zip", listed({**good, **many})), "it may hold 100")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": "nas-archive"}',
        b'{"format": "nas-archive", "version": "2", "files": {}}',
        b'{"format": "nas-archive", "version": true, "files": {}}',
        b'{"format": "nas-archive", "version": 1, "files": []}',
        b'{"format": "nas-archive", "version": 1, "files": {"history.jsonl": 3}}',
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none(content: bytes, good: dict[str, bytes], tmp_path: Path) -> None:
    refused(packed(tmp_path / "a.zip", {**good, "manifest.json": content}), "is no archive of nas")


def test_what_is_no_zip_file(good: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", listed(good))
    content = path.read_bytes()
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:cut])
        refused(path, "cannot be read")
    for place in range(0, len(content), 97):  # every byte that is another ends in a sentence, or changes nothing
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            with opened_archive(path) as archive:
                assert archive.history.told
        except UserError:
            continue
    with pytest.raises(UserError, match="there is no archive"), opened_archive(tmp_path / "nowhere.zip"):
        pass
    refused(packed(tmp_path / "c.zip", {"readme.txt": b"hello"}), "is no archive of nas: it has no manifest")


def test_an_encrypted_or_oddly_packed_one(good: dict[str, bytes], tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in listed(good).items():
            archive.writestr(name, content)
    (tmp_path / "a.zip").write_bytes(buffer.getvalue())
    refused(tmp_path / "a.zip", "packed in a way that no archive of nas is")


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"event": "asked"}', b"not json", b'{"event": "told", "number": 99}']
)
def test_a_journal_that_is_damaged(line: bytes, good: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", listed({**good, "history.jsonl": good["history.jsonl"] + line + b"\n"}))
    with pytest.raises(UserError, match=r"damaged|does not fit"), opened_archive(path):
        pass


def test_an_environment_of_a_newer_version(good: dict[str, bytes], tmp_path: Path) -> None:
    newer = good["environment.json"].replace(b'"version": 1', b'"version": 7')
    path = packed(tmp_path / "a.zip", listed({**good, "environment.json": newer}))
    refused(path, "has version 7, this nas reads up to 1")


def test_an_archive_is_reproduced(good: dict[str, bytes], reproduced: Call, tmp_path: Path) -> None:
    path = packed(tmp_path / "theirs.zip", listed(good))
    code, said = reproduced(f"archive={path}", "sample=3", "times=3")
    assert code == 0, said
    assert "All 40 children are what the algorithm asks for again" in said
    assert "3 of 3 equal to the bit" in said
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("theirs-reproduction-")
    page = (folder / "reproduction.html").read_text()
    assert "equal to the bit" in page
    assert "files are those of its manifest" in page


def test_a_strangers_invented_fitness_is_found(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    run = copied(*TOY, evaluations=40)
    history = History.load(run)
    fitness_changed(run, history.told[-1].number, 1.5)
    path = write_archive(run, tmp_path / "theirs.zip", print)
    code, said = reproduced(f"archive={path}", "sample=1")
    assert code == 1
    assert "Verdict: NOT reproduced" in said


def test_a_stranger_makes_nothing_run(good: dict[str, bytes], reproduced: Call, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "evil.yaml").write_text(f"_target_: os.mkdir\npath: {trace}\n")
    header, rest = good["history.jsonl"].split(b"\n", 1)
    up = "/".join([".."] * 30)
    hostile: list[dict[str, Any]] = [
        {"search_space": {"name": f"{up}{tmp_path}/evil"}},
        {"search_space": {"name": "bits", "_target_": "os.mkdir", "path": str(trace)}},
        {"algorithm": {"name": f"{tmp_path}/evil"}},
        {"algorithm": {"name": "nas.algorithms.random_search.RandomSearch"}},
        {"evaluator": {"name": "function", "function": "os.mkdir", "fitness": "valid_accuracy"}},
        {"evaluator": {"name": f"{up}{tmp_path}/evil"}},
        {"evaluator": {"name": "train", "network": {"name": f"{tmp_path}/evil"}}},
        {"evaluator": {"name": "train", "dataset": {"name": f"{tmp_path}/evil"}}},
        {"evaluator": None},
        {"evaluator": {}},
        {"seed": "0"},
        {"search_space": "bits", "algorithm": [], "evaluator": 3},
    ]
    for number, identity in enumerate(hostile):
        changed = json.loads(header)
        changed["identity"] |= identity
        journal = json.dumps(changed).encode() + b"\n" + rest
        path = packed(tmp_path / f"{number}.zip", listed({**good, "history.jsonl": journal}))
        code, said = reproduced(f"archive={path}", "sample=1")
        asked = "were not asked again" in said
        assert code == 2 or asked, (identity, said)
        assert "Traceback" not in said
    assert not trace.exists()


@pytest.mark.parametrize("event", ["asked", "told"])
def test_odd_values_end_in_a_sentence(event: str, good: dict[str, bytes], configuration: None, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in good["history.jsonl"].splitlines()]
    place = max(number for number, line in enumerate(lines) if line.get("event") == event)
    journal, ended = tmp_path / "history.jsonl", 0
    for key in lines[place]:
        for odd in (None, {"a": 1}, 10**30):
            changed = [*lines[:place], {**lines[place], key: odd}, *lines[place + 1 :]]
            journal.write_text("".join(f"{json.dumps(line)}\n" for line in changed))
            try:
                history = History.load(journal)
                ask_again(history, remade_space(history), None, ())
            except UserError:
                ended += 1
    assert ended
