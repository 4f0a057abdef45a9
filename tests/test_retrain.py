"""The command lines around a retrained model, as a user types them."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests_cli import ROOT, evolve

from nas.networks.genotypes import AMOEBANET_C

SMALL = [
    "network=tiny",
    "network.filters=4",
    "training=tiny",
    "hardware=cpu",
    "hardware.workers=0",
    "repeats=2",
]
EPOCHS = 3


def command(entry: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"nas.{entry}", *arguments]


def call(entry: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(entry, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a search on digits and an unfinished one."""
    folder = tmp_path_factory.mktemp("runs")
    small = ["dataset.fraction=0.1", "network.filters=4", "training.epochs=1", "hardware.workers=0"]
    done = evolve(
        "experiment=demo", "algorithm=random", "budget.evaluations=2", "run=digits", f"runs_dir={folder}", *small
    )
    assert done.returncode == 0, done.stderr
    (folder / "empty").mkdir()
    header = (folder / "digits" / "history.jsonl").read_text().splitlines()[0]
    (folder / "empty" / "history.jsonl").write_text(header + "\n")
    assert evolve("experiment=toy", "budget.evaluations=5", "run=toy", f"runs_dir={folder}").returncode == 0
    return folder


MISTAKES = [
    ([], "set one of run=NAME, model=NAME and genome=FILE"),
    (["run=digits", "model=nasnet_a"], "not run and model"),
    (["run=nowhere"], "there is no journal at"),
    (["run=empty"], "no finished individual"),
    (["run=toy"], "images"),
    (["run=digits", "top_k=0"], "top_k is 0"),
    (["model=amoebanet-a", "dataset=digits"], "did you mean amoebanet_a"),
    (["model=amoebanet_a"], "set dataset=NAME"),
    (["genome=nowhere.json", "dataset=digits"], "cannot be read"),
    (["run=digits", "references=[resnet]"], "did you mean resnet18"),
    (["run=digits", "dataset=digit"], "did you mean digits"),
    (["run=digits", "repeats=none"], "repeats is 'none'"),
    (["run=digits", "out=digits"], "lies in the run folder"),
    (["run=digits", "network=cifar"], "auxiliary_head"),
    (
        ["run=digits", "hardware.devices=1024", "training.batch_size=1024", "+dataset.fraction=1.0"],
        "hardware.devices is 1024, there are",
    ),
    (["run=digits", "dataset.fraction=0.2"], "+dataset.fraction=VALUE adds it"),
    (["run=digits", "+dataset.fration=0.2"], "did you mean fraction"),
    (["run=digits", "sead=1"], "did you mean seed"),
]


@pytest.mark.parametrize(
    ("overrides", "words"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_told_in_one_sentence_and_writes_nothing(runs: Path, overrides: list[str], words: str) -> None:
    before = sorted(runs.rglob("*"))
    keys = [override.partition("=")[0] for override in overrides]
    small = [override for override in SMALL if override.partition("=")[0] not in keys]
    check_sentence(call("retrain", *small, *overrides, f"runs_dir={runs}"), words)
    assert sorted(runs.rglob("*")) == before


def check_sentence(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("nas: ")
    assert words in line


@pytest.mark.slow
def test_from_a_search_to_predictions(runs: Path, tmp_path: Path) -> None:
    retraining = ["run=digits", f"runs_dir={runs}", "out=best", "training.epochs=1", *SMALL]
    done = call("retrain", *retraining, "+dataset.num_selection=50", "references=[resnet18]")
    assert done.returncode == 0, done.stderr
    assert "top_k is 20, but there are 2 different finished genomes" in done.stdout
    card = json.loads((runs / "best" / "card.json").read_text())
    assert card["headline"] in done.stdout
    assert card["ranking"]["part"] == "selection"
    assert card["dataset"]["fraction"] == 0.1
    assert (
        "finished already" in call("retrain", *retraining, "+dataset.num_selection=50", "references=[resnet18]").stdout
    )
    check_sentence(call("retrain", *retraining, "references=[resnet18]"), "dataset.num_selection (50 there, 0 here)")

    assert "Written" in call("export", "run=best", f"runs_dir={runs}", "format=state_dict").stdout
    check_sentence(call("export", "run=best", f"runs_dir={runs}", "format=state_dict"), "nothing is overwritten")
    check_sentence(call("export", "run=toy", f"runs_dir={runs}"), "no trained model yet")
    check_sentence(call("export", f"runs_dir={runs}"), "run is missing")

    (tmp_path / "my images").mkdir()
    Image.new("RGB", (20, 20)).save(tmp_path / "my images" / "black.png")
    table = f"out={tmp_path / 'table.csv'}"
    done = call("predict", "run=digits", f"runs_dir={runs}", table, str(tmp_path / "my images"))
    assert "(1 images)" in done.stdout, done.stderr
    assert (tmp_path / "table.csv").read_text().splitlines()[1].startswith("black.png,")
    check_sentence(call("predict", "run=best", f"runs_dir={runs}", table, str(tmp_path)), "nothing is overwritten")
    check_sentence(call("predict", "run=best", f"runs_dir={runs}"), "the folder is missing")


@pytest.mark.slow
def test_killed_at_any_moment_the_same_command_gives_the_same_card(tmp_path: Path) -> None:
    """With two workers; killed in the middle of a training, whose last epoch it goes on from."""
    (tmp_path / "mine.json").write_text(json.dumps(AMOEBANET_C))
    small = [override for override in SMALL if override != "hardware.workers=0"]
    what = [f"genome={tmp_path}/mine.json", "dataset=digits", "dataset.fraction=0.1", *small]
    what += [f"training.epochs={EPOCHS}", "hardware.workers=2"]
    assert call("retrain", *what, f"out={tmp_path}/whole").returncode == 0
    resumed = False
    for moment in ("trainings/winner-0/last.ckpt", "trainings/winner-1/result.json"):
        process = subprocess.Popen(
            command("retrain", *what, f"out={tmp_path}/killed"),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        wait_for(tmp_path / "killed" / moment, process)
        process.kill()
        process.communicate()
        resumed = resumed or (tmp_path / "killed" / "trainings" / "winner-0" / "last.ckpt").exists()
    assert resumed
    done = call("retrain", *what, f"out={tmp_path}/killed")
    assert done.returncode == 0, done.stderr
    cards = [numbers(tmp_path / name / "card.json") for name in ("whole", "killed")]
    assert cards[0] == cards[1]


def wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not path.exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def numbers(path: Path) -> dict[str, Any]:
    card = json.loads(path.read_text())
    keys = (
        "name",
        "headline",
        "accuracy",
        "parameters",
        "multiply_adds",
        "weights",
        "seeds",
        "ranking",
        "architecture",
    )
    return {key: card[key] for key in keys}


def test_a_newer_journal_with_code_in_its_config_runs_none_of_it(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "digits", tmp_path / "digits")
    harm = f"dataset:\n  _target_: os.system\n  command: touch {tmp_path}/harmed\n  root: ${{oc.env:HOME}}\n"
    (tmp_path / "digits" / "config.yaml").write_text(harm)
    done = call("retrain", "run=digits", f"runs_dir={tmp_path}", *SMALL, "training.epochs=1", "top_k=1")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "harmed").exists()
