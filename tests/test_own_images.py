"""A folder of one's own, by the commands of the README: what is told, kept and refused, and how it ends."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision
from tests_cli import ROOT, evolve

from nas import History
from nas.data.findings import DESCRIPTION_FILE
from nas.data_notes import data_notes, standard_error
from tests.helpers.fashion import documented_block, fashion_folders
from tests.helpers.photos import folder, make_photos, make_planted

TINY = ("dataset.image_size=16", "network.filters=4", "training.epochs=1", "hardware=cpu", "hardware.workers=0")
SEARCH = ("experiment=my_images", "budget.hours=null", "budget.evaluations=2", "retrain=null", *TINY)
LONG = "'top_k=1','repeats=1','network=tiny','network.filters=4','training=tiny','training.epochs=1'"


def test_twelve_defects_are_named_at_the_start_and_kept_with_the_run(tmp_path: Path) -> None:
    planted = make_planted(tmp_path / "photos")
    done = evolve(*SEARCH, f"dataset.root={tmp_path / 'photos'}", f"run={tmp_path}/run")
    assert done.returncode == 0, done.stdout + done.stderr
    for name, words in planted.items():
        assert any(name in line and words in line for line in done.stdout.splitlines()), name
    assert "77 images, 3 classes (train 49, valid 10, selection 6, test 12; test/ as" in done.stdout
    kept = json.loads((tmp_path / "run" / DESCRIPTION_FILE).read_text())
    assert {finding["name"] for finding in kept["findings"]} >= set(planted)
    page = (tmp_path / "run" / "report.html").read_text()
    assert all(name in page for name in planted)


def test_few_validation_images_are_told_with_their_standard_error(tmp_path: Path) -> None:
    dataset = folder(make_photos(tmp_path / "photos", 20), num_valid=25)
    told = data_notes(SimpleNamespace(dataset=dataset, repeats=1))[-1]
    # the square root of 0.9 * 0.1 / 25 and of 0.7 * 0.3 / 25
    assert "only 25 validation images: an accuracy has a standard error of 0.060 at 0.9 and 0.092 at 0.7" in told
    assert "evaluator.repeats=3" in told
    assert "evaluator.repeats" not in data_notes(SimpleNamespace(dataset=dataset, repeats=3))[-1]
    answers = np.random.default_rng(0).binomial(25, 0.9, 20_000) / 25
    assert standard_error(0.9, 25) == pytest.approx(answers.std(), rel=0.02)


def test_a_folder_that_has_changed_is_another_search(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "photos", 12)
    run = (*SEARCH, f"dataset.root={root}", f"run={tmp_path}/run")
    done = evolve(*run, "progress=none")
    assert done.returncode == 0
    assert "validation images:" not in done.stdout
    (root / "red/000.png").write_bytes((root / "red/001.png").read_bytes())
    done = evolve(*run)
    assert done.returncode == 2
    assert "dataset.fingerprint" in done.stderr


MISTAKES = [
    (["dataset.root=nowhere"], "there is no folder nowhere"),
    ([], "dataset.root is not set and has no default, set dataset.root=VALUE"),
    (["dataset.root={root}", "metric=f1"], "choose one of accuracy, auroc, balanced_accuracy, macro_f1"),
    (
        ["dataset.root={root}", "metric=auroc", "evaluator.fitness=valid_loss"],
        "allowed are valid_accuracy, valid_auroc",
    ),
    (["dataset.root={root}", "dataset.num_valid=2.5"], "dataset.num_valid is 2.5"),
    (["dataset.root={root}", "dataset.num_valid=1000"], "dataset.num_valid is 1000"),
    (["dataset.root={root}", "retrain=yes"], "retrain is 'yes', it must be null or a list"),
    (["dataset.root={root}/red"], "holds no class"),
]


@pytest.mark.parametrize(("overrides", "words"), MISTAKES, ids=[words for _, words in MISTAKES])
def test_mistakes_are_told_in_one_sentence(tmp_path: Path, overrides: list[str], words: str) -> None:
    root = make_photos(tmp_path / "photos", 4)
    given = [override.format(root=root) for override in overrides]
    done = evolve(*SEARCH, f"runs_dir={tmp_path}/runs", *given)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_metric_of_ones_own_is_the_fitness_and_ranks_the_retraining(tmp_path: Path) -> None:
    (tmp_path / "mymetrics.py").write_text(documented_block("from dataclasses import dataclass"))
    (tmp_path / "conf/metric").mkdir(parents=True)
    (tmp_path / "conf/metric/cautious.yaml").write_text("_target_: mymetrics.Cautious\ncertainty: 0.35\n")
    root = make_photos(tmp_path / "photos", 20)
    words = (*SEARCH[:3], *TINY, f"dataset.root={root}", f"runs_dir={tmp_path}/runs", "run=own")
    retrain = "retrain=['top_k=2'," + LONG.partition(",")[2] + "]"
    done = evolve(
        *("--config-dir", str(tmp_path / "conf")),
        *words,
        "metric=cautious",
        "metric.certainty=0.34",
        retrain,
        path=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    history = History.load(tmp_path / "runs/own")
    assert history.identity["evaluator"]["metric"] == {"name": "cautious", "certainty": 0.34}
    assert all(one.fitness == one.metrics["valid_cautious"] for one in history.told)
    card = json.loads(next((tmp_path / "runs").glob("retrain-*/card.json")).read_text())
    assert card["metric"]["name"] == "cautious"
    assert "has test cautious" in card["headline"]
    assert "candidate-000: accuracy valid" in done.stdout
    assert "; cautious valid" in done.stdout


@pytest.fixture
def torch_home(tmp_path: Path) -> Path:
    """A folder where torch would keep ResNet-18's weights; these have seen nothing."""
    home = tmp_path / "torch"
    (home / "hub/checkpoints").mkdir(parents=True)
    weights = torchvision.models.resnet18(weights=None).state_dict()
    torch.save(weights, home / "hub/checkpoints" / "resnet18-f37072fd.pth")
    return home


def test_fashion_mnist_in_folders_ends_with_a_retraining_and_references(
    tmp_path: Path, torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fashion_folders(tmp_path / "fashion", train=200, test=40)
    monkeypatch.setenv("TORCH_HOME", str(torch_home))
    overrides = (
        f"retrain=[{LONG},'references=[resnet18]','optional_references=[resnet18_finetuned]','finetuned.least_side=32']"
    )
    words = ("experiment=my_images", "metric=macro_f1", "budget.hours=null", "budget.evaluations=2", *TINY)
    words = (*words, f"dataset.root={root}", f"runs_dir={tmp_path}/runs", "run=fashion", "dataset.image_size=28")
    done = evolve(*words, overrides)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "240 images, 10 classes" in done.stdout
    folder = next((tmp_path / "runs").glob("retrain-*"))
    card = json.loads((folder / "card.json").read_text())
    rows = {row["name"]: row for row in card["references"]}
    assert rows["resnet18_finetuned"]["extra_data"] == "weights from ImageNet"
    assert "extra_data" not in rows["resnet18"]
    assert card["metric"]["test"]["n"] == 1
    page = (folder / "card.html").read_text()
    assert "resnet18_finetuned (reference) – uses extra data: weights from ImageNet" in page
    report = (tmp_path / "runs/fashion/report.html").read_text()
    assert folder.name in report


@pytest.mark.slow
def test_ctrl_c_in_the_retraining_is_a_clean_stop_and_the_same_command_goes_on(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "photos", 12)
    words = [*SEARCH[:3], *TINY, f"dataset.root={root}", f"runs_dir={tmp_path}/runs", "run=stopped"]
    words.append(f"retrain=[{LONG.replace('epochs=1', 'epochs=25')},'training.batch_size=8']")
    command = [sys.executable, "-m", "nas.evolve", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        while not list((tmp_path / "runs").glob("retrain-*/trainings/*/last.ckpt")) and program.poll() is None:
            time.sleep(0.2)
        program.send_signal(signal.SIGINT)
        told, _ = program.communicate(timeout=120)
    assert program.returncode == 130
    assert "Stopped by SIGINT; the same command resumes it" in told
    done = evolve(*words)
    assert done.returncode == 0
    assert "This search was finished already" in done.stdout
    assert "winner-0: accuracy valid" in done.stdout
