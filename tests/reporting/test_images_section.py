"""The images of a folder on the report: counts by class and part, every finding, and files that are no such thing."""

import json

import pytest
from journals import Timeline

from nas.data.findings import DESCRIPTION_FILE
from nas.reporting.report import write_report
from tests.helpers.photos import folder, make_planted


def page_of(line):
    return write_report(line.folder).read_text().replace("\xa0", " ")


@pytest.fixture
def line(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    return line


def test_every_planted_file_is_on_the_page(line, tmp_path):
    planted = make_planted(tmp_path / "set")
    dataset = folder(tmp_path / "set")
    (line.folder / DESCRIPTION_FILE).write_text(json.dumps(dataset.description()))
    page = page_of(line)
    section = page[page.index('<section id="images"') :]
    for name in planted:
        assert f"<td>{name}</td>" in section
    counts = [len(part) for part in (dataset.load().train, dataset.load().valid, dataset.load().test)]
    assert f"<td>all</td>{''.join(f'<td>{count}</td>' for count in counts)}" in section


def test_names_of_files_are_no_markup(line, tmp_path):
    description = {"root": "<b>x", "given": "", "classes": ["<i>a", "b"], "parts": {}, "findings": []}
    description["parts"] = {"train": [1, 2], "valid": [0, 0], "selection": [0, 0], "test": [3, 4]}
    description["findings"] = [{"kind": "broken", "name": "<script>alert(1)</script>", "detail": ""}]
    (line.folder / DESCRIPTION_FILE).write_text(json.dumps(description))
    page = page_of(line)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"classes": 1}', '{"root": 1, "given": 2, "classes": [1]}'])
def test_a_damaged_file_leaves_the_section_out(line, text):
    (line.folder / DESCRIPTION_FILE).write_text(text)
    assert '<section id="images"' not in page_of(line)
