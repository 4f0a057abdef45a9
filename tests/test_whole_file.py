"""A file is there whole or not at all, and two who write it do not meet."""

from pathlib import Path

import pytest

from nas.whole_file import draft_of


def test_the_draft_becomes_the_file(tmp_path: Path) -> None:
    with draft_of(tmp_path / "file") as draft:
        draft.write_text("new")
        assert not (tmp_path / "file").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "new"


def test_an_error_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(TypeError), draft_of(tmp_path / "file") as draft, draft.open("w") as file:
        file.writelines(["half", None])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_two_writers_at_once_both_succeed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with draft_of(path) as first, draft_of(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # whose name came last
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
