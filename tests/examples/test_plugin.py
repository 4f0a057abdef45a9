"""The example plug-in, installed as a distribution of its own: not a line of nas knows it."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from nas import Fidelity, History
from tests.helpers.plugin import EXAMPLE, ROOT, SEARCH, Installation, install

MOST_LINES = 120


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def whole(installed: Installation) -> History:
    """A local search, uninterrupted."""
    installed.evolve("run=whole")
    return History.load(installed.folder / "runs" / "whole")


def test_it_is_short() -> None:
    files = [path for suffix in ("py", "yaml", "toml") for path in EXAMPLE.rglob(f"*.{suffix}")]
    assert sum(len(path.read_text().splitlines()) for path in files) < MOST_LINES


def test_nas_knows_nothing_of_it() -> None:
    files = [path for place in ("nas", "conf", "launchers") for path in (ROOT / place).rglob("*")]
    texts = [path.read_text() for path in files if path.suffix in (".py", ".yaml")]
    assert not any("swap_cells" in text or "nas_plugin_example" in text for text in texts)


def test_it_passes_the_suites_of_nas_testing(installed: Installation) -> None:
    output = installed.run("pytest", "-q", "-p", "no:cacheprovider", "test_plugin.py")
    assert " passed" in output


def test_its_name_and_version_are_in_the_journal_and_the_report(whole: History) -> None:
    assert whole.header["plugins"] == {"nas-plugin-example": "0.1.0"}
    assert whole.sessions[0]["plugins"] == {"nas-plugin-example": "0.1.0"}
    report = (whole.path.parent / "report.html").read_text()
    assert "nas-plugin-example (plug-in)" in report
    assert "at epochs=1" in report


def test_children_are_promoted_at_equal_fidelity(whole: History) -> None:
    promoted = [one for one in whole.individuals if one.mutation and one.mutation.name == "promotion"]
    assert {one.fidelity for one in promoted} == {Fidelity(epochs=2), None}
    for one in promoted:
        (parent,) = one.parents
        assert one.genome == whole.individuals[parent].genome
        rivals = whole.told[: whole.told_order.index(parent) + 1]
        same = [two.fitness or 0.0 for two in rivals if two.fidelity == whole.individuals[parent].fidelity]
        assert (whole.individuals[parent].fitness or 0.0) >= min(same)
    assert whole.best is not None
    assert whole.best.fidelity is None
    epochs = {str(one.fidelity): one.metrics["train_examples"] for one in whole.told}
    assert 3 * epochs["epochs=1"] == epochs["None"]


def test_killed_and_resumed_it_is_the_same_search(installed: Installation, whole: History) -> None:
    command = installed.command("nas.evolve", "--config-dir", "conf", *SEARCH, "run=killed")
    journal = installed.folder / "runs" / "killed" / "history.jsonl"
    driver = subprocess.Popen(
        command, cwd=installed.folder, env=installed.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (journal.exists() and journal.read_text().count('"event":"told"') >= 3):
        time.sleep(0.05)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert 3 <= len(History.load(journal).told) < 10
    installed.evolve("run=killed", "resume.verify=true")
    assert History.load(journal).science() == whole.science()


def test_another_version_of_it_goes_on_and_is_noted(installed: Installation, whole: History) -> None:
    """Without verifying, as with another version of nas."""
    journal = installed.folder / "runs" / "upgraded" / "history.jsonl"
    journal.parent.mkdir()
    journal.write_text(whole.path.read_text().replace('"nas-plugin-example":"0.1.0"', '"nas-plugin-example":"0.0.9"'))
    installed.evolve("run=upgraded", "budget.evaluations=11")
    history = History.load(journal)
    assert len(history.told) == 11
    assert [session["plugins"]["nas-plugin-example"] for session in history.sessions] == ["0.0.9", "0.1.0"]
    report = (journal.parent / "report.html").read_text()
    assert "An earlier session had nas-plugin-example (&#39;0.0.9&#39; there, &#39;0.1.0&#39; here)" in report


def test_its_best_is_retrained(installed: Installation, whole: History) -> None:
    small = ["network=tiny", "training=tiny", "training.epochs=1", "hardware=cpu", "references=[]", "repeats=1"]
    output = installed.run("nas.retrain", "--config-dir", "conf", "run=whole", "out=final", "top_k=1", *small)
    assert "Model card" in output


def test_without_its_yaml_retraining_says_what_is_missing(installed: Installation, whole: History) -> None:
    command = installed.command("nas.retrain", "run=whole", "out=final2")
    done = subprocess.run(command, cwd=installed.folder, env=installed.environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "the search_space 'swap_cells'" in done.stderr
    assert "--config-dir" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_commands_need_no_yaml(installed: Installation, whole: History) -> None:
    assert "whole" in installed.run("nas.status")
    assert "Report" in installed.run("nas.report", "run=whole")


def test_a_path_is_found_in_the_package_too(installed: Installation, tmp_path: Path) -> None:
    """Hydra's own way: the YAML of an installed package, without a folder."""
    package = tmp_path / "my_package"
    (package / "conf" / "search_space").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "conf" / "__init__.py").touch()
    text = (EXAMPLE / "conf" / "search_space" / "swap_cells.yaml").read_text()
    (package / "conf" / "search_space" / "mine.yaml").write_text(text)
    paths = f"{tmp_path}:{installed.environment['PYTHONPATH']}"
    beside = Installation(installed.python, {**installed.environment, "PYTHONPATH": paths}, tmp_path)
    shown = beside.run("nas.evolve", "hydra.searchpath=[pkg://my_package.conf]", "search_space=mine", "--cfg", "job")
    assert "nas_plugin_example.SwapCells" in shown
