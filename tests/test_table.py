"""`python -m nas.table`, run as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from official import write_folder

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from tests.helpers.tests_cli import ROOT, evolve


def table(*overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nas.table", *overrides]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)


def test_a_search_is_exported_and_searched_again(tmp_path: Path) -> None:
    space = Bits(num_bits=6)
    toy = Toy(space=space, noise=0.0, counted=1)
    run_search(space=space, algorithm=RandomSearch(space=space), evaluator=toy, budget=500, run=tmp_path / "source")
    out = tmp_path / "mine.npz"
    done = table("run=source", f"runs_dir={tmp_path}", f"out={out}")
    assert done.returncode == 0, done.stderr
    assert "64 genomes of 64, 500 individuals" in done.stdout
    overrides = ("search_space=bits", "search_space.num_bits=6", "evaluator=recorded_table", f"evaluator.path={out}")
    small = ("population.size=10", "population.sample_size=5", "budget.evaluations=40", "report=false")
    done = evolve(*overrides, *small, f"run={tmp_path}/again")
    assert done.returncode == 0, done.stdout + done.stderr
    again = History.load(tmp_path / "again")
    assert len(again.told) == 40
    for individual in again.told:
        assert individual.fitness == sum(space.from_json(individual.genome)) / 6


def test_official_files_are_converted(tmp_path: Path) -> None:
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    folder = write_folder(tmp_path / "NATS-tss-v1_0-3ffb9-simple", [text], lambda *_: 50.0)
    done = table(f"official={folder}", f"out={tmp_path}/nasbench201.npz")
    assert done.returncode == 0, done.stderr
    assert "1 architectures, 15,624 are missing" in done.stdout
    with np.load(tmp_path / "nasbench201.npz") as found:
        assert found["cifar10_valid_12"].tolist() == [50.0]


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    for overrides, sentence in (
        ([], "say either official=PATH, to convert a benchmark, or run=NAME, to export searches"),
        (["run=a"], "out is missing: say out=FILE.npz"),
        (["run=a", "out=a.csv"], "out is 'a.csv', it must end in .npz"),
        ([f"official={tmp_path}/nowhere", f"out={tmp_path}/a.npz"], "is no benchmark: it must be a folder"),
    ):
        done = table(*overrides)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert sentence in done.stderr
    assert not list(tmp_path.iterdir())
