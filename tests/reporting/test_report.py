"""The page as a whole: what is on it, for every kind of journal, and what it does not touch."""

import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from nas.errors import UserError
from nas.reporting.rendering import scripts
from nas.reporting.report import write_report

ROOT = Path(__file__).resolve().parents[2]


def marks(page: str) -> list[int]:
    """Numbers of the individuals that the progress figure draws as told ones."""
    return [int(number) for number in re.findall(r"<(?:circle|rect)[^>]* data-show=\"(\d+)\"", plot(page))]


def plot(page: str) -> str:
    """The progress figure."""
    _, _, rest = page.partition('id="plot"')
    return rest.partition("</figure>")[0]


def test_every_told_individual_is_one_mark(new_run):
    run = new_run()
    run.search(60)
    run.closed()
    page = write_report(run.folder).read_text()
    failed = {number for number in range(1000) if number % 10 == 9}
    assert sorted(marks(page)) == [number for number in range(max(marks(page)) + 1) if number not in failed]
    assert len(marks(page)) == 60


def test_headline_ranking_failures_and_settings_are_on_the_page(new_run):
    run = new_run()
    run.search(60)
    run.closed()
    page = write_report(run.folder).read_text()
    for text in (
        "Aging evolution in the search space cells on cifar10, seed 0.",
        "60 of 100",
        "python -m nas.evolve experiment=demo &#39;run=a name&#39;",
        "3.17 M",
        "RuntimeError: out of memory",
        "population_size: 20",
        "0123456789ab",
        '<span class="status finished">',
    ):
        assert text in page


def test_an_empty_journal(new_run):
    run = new_run()
    page = write_report(run.folder).read_text()
    assert "Nothing has been evaluated yet" in page
    assert '<span class="status unfinished">' in page


def test_a_header_alone(new_run, tmp_path):
    run = new_run()
    line = (run.folder / "history.jsonl").read_text().splitlines(keepends=True)[0]
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "history.jsonl").write_text(line)
    assert "Nothing has been evaluated yet" in write_report(tmp_path / "bare").read_text()


def test_a_single_individual(new_run):
    run = new_run()
    run.asked(0, "0110")
    run.told(0, 0.5)
    page = write_report(run.folder).read_text()
    assert marks(page) == [0]
    assert "The architecture<" in page


def test_only_failures(new_run):
    run = new_run()
    for number in range(5):
        run.asked(number, "0110")
        run.failed(number, "ValueError: no such folder")
    run.closed("failures")
    page = write_report(run.folder).read_text()
    assert marks(page) == []
    assert len(re.findall(r"<path[^>]* data-show=", plot(page))) == 5
    assert "gave up" in page
    assert "ValueError: no such folder" in page


@pytest.mark.parametrize(("reason", "status"), [(None, "unfinished"), ("stopped", "stopped")])
def test_a_partial_search_is_marked_as_one(new_run, reason, status):
    run = new_run()
    run.search(12)
    run.asked(13, "0110")
    if reason:
        run.closed(reason)
    page = write_report(run.folder).read_text()
    assert f'<span class="status {status}">' in page
    assert "shows a part of it" in page


def test_a_search_that_was_closed_and_goes_on_is_unfinished(new_run):
    run = new_run()
    run.search(12)
    run.closed()
    run.asked(13, "0110")
    assert '<span class="status unfinished">' in write_report(run.folder).read_text()


def test_an_unknown_space_is_shown_as_text(new_run):
    run = new_run()
    run.asked(0, {"vertices": ["bn_relu"], "normal": 3})
    run.told(0, 0.5)
    assert "bn_relu" in write_report(run.folder).read_text()


def test_two_cells_of_another_kind_are_shown_as_text(new_run):
    run = new_run()
    run.asked(0, {"normal": ["what"], "reduction": {"else": 1}})
    run.told(0, 0.5)
    assert "&#34;what&#34;" in write_report(run.folder).read_text()


def test_a_changed_journal_changes_the_picture(new_run):
    one, other = new_run("one"), new_run("other")
    for run, fitness in ((one, 0.8), (other, 0.9)):
        run.asked(0, "0110")
        run.told(0, 0.5)
        run.asked(1, "0111", (0,))
        run.told(1, fitness)
    pictures = [(write_report(run.folder).parent / "figures" / "progress.svg").read_text() for run in (one, other, one)]
    assert pictures[0] == pictures[2] != pictures[1]


def test_names_with_html_are_shown_not_executed(new_run):
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
    identity = {
        "search_space": {"name": nasty},
        "algorithm": {"name": nasty},
        "evaluator": {"name": "train", "fitness": nasty, "dataset": {"name": nasty}},
        "seed": nasty,
    }
    run = new_run("<b>run", identity)
    run.asked(0, {"normal": [[[nasty, 0], ["none", 1]]], "reduction": [[[nasty, 0], [nasty, 1]]]})
    run.told(0, 0.5)
    run.asked(1, nasty, (0,), name=nasty)
    run.failed(1, nasty)
    page = write_report(run.folder).read_text()
    assert page.count("<script") == 1 + len(scripts())  # the data and our own
    assert "<img" not in page
    assert "<b>run" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for figure in (run.folder / "figures").glob("*.svg"):
        ElementTree.parse(figure)
        assert "<script" not in figure.read_text()


def test_the_page_needs_nothing_but_itself(new_run):
    run = new_run()
    run.search(30)
    page = write_report(run.folder).read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:|//|\.|/)", page)
    assert "default-src 'none'" in page


def test_figures_are_well_formed_svg_files(new_run):
    run = new_run()
    run.search(60)
    write_report(run.folder)
    names = {figure.name for figure in (run.folder / "figures").iterdir()}
    assert names >= {"progress.svg", *(f"best-{k}-{cell}.svg" for k in (1, 2, 3) for cell in ("normal", "reduction"))}
    for name in names:
        root = ElementTree.parse(run.folder / "figures" / name).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("aria-label")


@pytest.fixture
def opened_files():
    """Paths that were opened, as Python's own audit sees them."""
    paths: list[str] = []
    watching = [True]
    sys.addaudithook(lambda event, args: paths.append(str(args[0])) if event == "open" and watching else None)
    yield paths
    watching.clear()  # an audit hook cannot be removed


def test_of_a_search_that_goes_on_journal_configuration_and_estimate_alone_are_read(new_run, opened_files):
    run = new_run()
    run.search(12)
    for place in ("000001", "000001/attempt-1"):
        child = run.folder / "children" / place
        child.mkdir(parents=True, exist_ok=True)
        (child / "sealed.json").write_text('{"test_accuracy": 0.123456}')
    (run.folder / "config.yaml").write_text("_target_: os.abort")
    opened_files.clear()
    page = write_report(run.folder)
    inside = {path for path in opened_files if path.startswith(str(run.folder)) and "/." not in path}
    assert inside == {str(run.folder / name) for name in ("history.jsonl", "config.yaml", "estimate.json")}
    assert "0.1234" not in page.read_text()


def test_another_place_for_the_page(new_run, tmp_path):
    run = new_run()
    run.search(12)
    page = write_report(run.folder, tmp_path / "elsewhere" / "page.html")
    assert page == tmp_path / "elsewhere" / "page.html"
    assert (tmp_path / "elsewhere" / "figures" / "progress.svg").exists()
    assert not (run.folder / "report.html").exists()


def test_writing_leaves_no_other_file_and_replaces_the_page(new_run):
    run = new_run()
    run.search(12)
    write_report(run.folder)
    (run.folder / "report.html").write_text("old")
    write_report(run.folder)
    assert sorted(path.name for path in run.folder.iterdir()) == ["figures", "history.jsonl", "report.html"]
    assert (run.folder / "report.html").read_text() != "old"


def test_a_folder_without_a_journal_is_refused(tmp_path):
    with pytest.raises(UserError, match="there is no journal"):
        write_report(tmp_path)


def test_a_page_that_cannot_be_written_is_refused(new_run, tmp_path):
    run = new_run()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_report(run.folder, tmp_path / "file" / "page.html")


DENIED = """
import os, sys
from pathlib import Path
from omegaconf import OmegaConf
from nas.report import report
folder = Path(sys.argv[1])
config = OmegaConf.create({"run": str(folder), "runs_dir": "runs", "watch": False, "port": 0})
report(config)  # loads every module, which nobody else may be allowed to
for path in (folder, folder / "figures"):
    path.chmod(0o555)
if os.geteuid() == 0:  # who may write anywhere
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
report(config)
"""


def test_a_folder_without_write_permission_is_one_sentence(new_run):
    run = new_run()
    run.search(12)
    with tempfile.TemporaryDirectory() as name:  # unlike `tmp_path`, one that others may be let into
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copyfile(run.folder / "history.jsonl", folder / "history.jsonl")
        command = [sys.executable, "-c", DENIED, name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        for path in filter(Path.exists, (folder, folder / "figures")):  # so that their owner may remove them
            path.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert done.stderr == f"nas: the report {folder / 'report.html'} cannot be written: Permission denied\n"


def test_twenty_thousand_individuals_fit_into_twelve_megabytes(new_run):
    run = new_run()
    run.search(20_000, population=100)
    page = write_report(run.folder)
    assert len(marks(page.read_text())) == 20_000
    assert page.stat().st_size < 12e6
