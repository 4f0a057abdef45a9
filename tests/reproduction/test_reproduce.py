"""`python -m nas.reproduce` and `python -m nas.export format=archive`, with the mistakes that people make."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hydra.errors import HydraException

from nas.reproduction.archiving import write_archive
from nas.search.history import History
from tests.helpers.tables import tables
from tests.reproduction.conftest import DIGITS, TOY, changed, searched

ROOT = Path(__file__).parents[2]
Make = Callable[..., Path]
Call = Callable[..., tuple[int, str]]


def command(entry: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"nas.{entry}", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_from_a_run_to_a_strangers_verdict(kept: Make, tmp_path: Path) -> None:
    """The command lines of the guide, in processes of their own."""
    run, file, runs = kept(*TOY, evaluations=40), tmp_path / "mine.zip", f"runs_dir={tmp_path}"
    done = command("export", f"run={run}", "format=archive", f"out={file}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Written: {file}\n"
    again = command("export", f"run={run}", "format=archive", f"out={file}")
    assert (again.returncode, again.stderr) == (
        2,
        f"nas: {file} exists already, nothing is overwritten: set out=FILE.zip\n",
    )
    checked = command("reproduce", f"archive={file}", "sample=3", runs)
    assert checked.returncode == 0, checked.stderr
    assert "Verdict: equal to the bit. 3 of 3 equal to the bit." in checked.stdout
    (folder,) = tmp_path.glob("mine-reproduction-*")
    assert {path.name for path in folder.iterdir()} == {"reproduction.json", "reproduction.html"}


MISTAKES = [
    ([], "set one of run=NAME and archive=FILE.zip, not neither; .* has run"),
    (["run=run", "archive=a.zip"], "not both"),
    (["run=rum"], r"there is no run 'rum' in .*, nor a folder of that name \(did you mean run\?\)"),
    (["archive=nowhere.zip"], "there is no archive nowhere.zip"),
    (["run=run", "individual=99"], "individual is 99, the search .* has 0 to 39"),
    (["run=run", "individual=x"], "individual is 'x'"),
    (["run=run", "individual=3", "sample=2"], "set one of individual and sample, not both"),
    (["run=run", "times=0"], "times is 0, it must be at least 1"),
    (["run=run", "times=x"], "times is 'x', it must be a whole number"),
    (["run=run", "sample=-1"], "sample is -1"),
    (["run=run", "ask=maybe"], "ask is 'maybe', it must be true or false"),
    (["run=run", "out=run"], "is the folder of a search, a reproduction needs one of its own"),
    (["run=run", "dataset.rot=x"], "Could not override 'dataset.rot'"),
    (["run=run", "hardware.threads=0"], "hardware.threads is 0"),
]


@pytest.mark.parametrize(("overrides", "words"), MISTAKES)
def test_a_mistake_is_one_sentence(overrides: list[str], words: str, copied: Make, reproduced: Call) -> None:
    run = copied(*TOY, evaluations=40)
    before = sorted(run.parent.rglob("*"))
    try:
        code, said = reproduced(*overrides)
    except HydraException as error:
        code, said = 2, str(error)
    assert code == 2
    assert re.search(words, said), said
    assert "Traceback" not in said
    assert sorted(run.parent.rglob("*")) == before


def test_a_folder_of_another_reproduction_is_left_alone(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    copied(*TOY, evaluations=40)
    assert reproduced("run=run", "individual=3", "out=again")[0] == 0
    before = (tmp_path / "runs" / "again" / "reproduction.json").read_bytes()
    code, said = reproduced("run=run", "individual=4", "out=again")
    assert code == 2
    assert "holds another reproduction, which differs in individuals" in said
    code, said = reproduced("run=run", "individual=3", "times=2", "out=again")
    assert "differs in times (1 there, 2 here)" in said
    assert (tmp_path / "runs" / "again" / "reproduction.json").read_bytes() == before
    assert reproduced("run=run", "individual=3", "out=again")[0] == 0


def test_only_the_asking_needs_no_data(copied: Make, reproduced: Call) -> None:
    run = copied(*DIGITS, evaluations=6)
    text = (run / "history.jsonl").read_text()
    fingerprint = History.load(run).identity["evaluator"]["dataset"]["fingerprint"]
    (run / "history.jsonl").write_text(text.replace(fingerprint, "0" * 32))
    code, said = reproduced("run=run", "sample=0")
    assert (code, "All 6 children are what the algorithm asks for again" in said) == (0, True)
    code, said = reproduced("run=run")
    assert code == 2
    assert "is not what digits holds here (another fingerprint)" in said


def test_data_that_lies_elsewhere(reproduced: Call, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(60) % 2
    np.savez(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    there = ["dataset=arrays", f"dataset.path={tmp_path / 'mine.npz'}", "dataset.num_valid=20", "dataset.fraction=1"]
    own = ["training.batch_size=10"]
    run = tmp_path / "runs" / "run"
    searched(run, (*DIGITS, *there, *own), 4)
    (tmp_path / "mine.npz").rename(tmp_path / "moved.npz")
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("mine.npz", "gone.npz"))  # this process has read mine.npz
    code, said = reproduced("run=run")
    assert code == 2
    assert f"the data of {run} is not here" in said
    assert "dataset.path=FILE says where it lies" in said
    code, said = reproduced("run=run", f"dataset.path={tmp_path / 'moved.npz'}")
    assert code == 0, said
    with_other = np.load(tmp_path / "moved.npz")
    np.savez(tmp_path / "other.npz", **{**with_other, "y_test": 1 - labels})
    code, said = reproduced("run=run", f"dataset.path={tmp_path / 'other.npz'}")
    assert code == 2
    assert "another fingerprint" in said


def test_data_that_is_missing_names_the_root(copied: Make, reproduced: Call) -> None:
    run = copied(*DIGITS, evaluations=6)

    def change(number: int, line: dict) -> None:
        if number == 0:
            own = line["identity"]["evaluator"]["dataset"]
            own |= {"name": "image_folder", "image_size": 8, "least_crop": 0.5, "central_fraction": 0.9}
            own |= {"mean": [0.5] * 3, "std": [0.5] * 3}
            own.pop("num_test", None)

    changed(run, change)
    code, said = reproduced("run=run", f"dataset.root={run / 'nowhere'}")
    assert code == 2
    assert "dataset.root=" in said


def test_another_environment_is_told_and_excuses(copied: Make, reproduced: Call) -> None:
    run = copied(*DIGITS, evaluations=6)
    path = run / "environment.json"
    facts = json.loads(path.read_text())
    facts["environment"]["numpy"], facts["environment"]["packages"]["pillow"] = "1.0", "0.1"
    path.write_text(json.dumps(facts))
    individual = History.load(run).told[-1]

    def change(_: int, line: dict) -> None:
        if line.get("event") == "told" and line["number"] == individual.number:
            line["fitness"] = line["metrics"]["valid_accuracy"] = individual.fitness - 1 / 300
            line["provenance"]["torch"] = "1.2.3"

    changed(run, change)
    code, said = reproduced("run=run", f"individual={individual.number}")
    assert code == 0, said
    assert "of what changes numbers these differ here: numpy 1.0 there" in said
    assert "Other packages that differ: pillow 0.1 there" in said
    assert "torch 1.2.3 there" in said
    assert "The noise is not known, times=5 measures it" in said
    assert "Verdict: undecided" in said


def test_the_searchs_threads_are_taken_unless_others_are_given(copied: Make, reproduced: Call, tmp_path: Path) -> None:
    run = copied(*DIGITS, evaluations=6)
    path = run / "environment.json"
    facts = json.loads(path.read_text())
    assert facts["hardware"]["threads"] == 1
    facts["hardware"]["threads"] = 2
    path.write_text(json.dumps(facts))
    for given, threads in (([], 2), (["hardware.threads=1"], 1)):
        assert reproduced("run=run", "individual=0", f"out=with-{threads}", *given)[0] == 0
        found = json.loads((tmp_path / "runs" / f"with-{threads}" / "reproduction.json").read_text())
        assert found["identity"]["hardware"]["threads"] == threads
        (one,) = found["result"]["individuals"]
        assert one["again"]["provenance"]["threads"] == threads


def test_a_table_is_looked_up_again(reproduced: Call, tmp_path: Path) -> None:
    path = tables() / "nasbench201.npz"
    overrides = ("experiment=nasbench201", f"evaluator.path={path}", "evaluator.epochs=200", "evaluator.seeds=random")
    run = tmp_path / "runs" / "run"
    searched(run, (*overrides, "population.size=10", "population.sample_size=3"), 30)
    archive = write_archive(run, tmp_path / "table.zip", print)
    code, said = reproduced(f"archive={archive}", "sample=4", "times=3", f"evaluator.path={path}")
    assert code == 0, said
    assert "4 of 4 equal to the bit" in said
    code, said = reproduced(f"archive={archive}", f"evaluator.path={tmp_path / 'nowhere.npz'}")
    assert code == 2
    assert "nowhere.npz" in said
