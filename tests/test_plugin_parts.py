"""Parts of a user's own from one module and one YAML file, without an installation, by the command line."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from shuffle_op import Wide as OwnOp

from nas import History, load_model
from nas.errors import UserError
from nas.testing import CellOpSuite
from nas.testing.rules import BrokenRule
from tests.helpers.shuffle_op import Forgets, KeepsItsSize, Wide

ROOT = Path(__file__).resolve().parents[1]
OP = """
# @package _global_
defaults:
  - demo
search_space: {ops: [none, sep_conv_3x3, wide], own_ops: [wide]}
network:
  own_ops:
    wide: {_target_: shuffle_op.Wide, kernel: 5}
"""
MUTATION = """
# @package _global_
defaults:
  - large_scale_demo
search_space:
  weights: {identity: 0}
  mutations:
    slow_down: {_target_: shuffle_op.SlowDown, by: 3.0}
"""
DOUBLE = """
from nas.search_spaces.bits import Bits


class Double(Bits):
    name = "double"

    def mutate(self, genome, rng):
        child, _ = super().mutate(genome, rng)
        return super().mutate(child, rng)
"""
STUDY = """
# @package _global_
out: mine
compare:
  base: [experiment=toy, search_space=double, budget.evaluations=110, report=false]
  arms: {aging: [algorithm=aging], random: [algorithm=random]}
  seeds: 2
  top_k: 5
"""
WRONG = {
    "no_module": ("_target_: nowhere.Space", "No module named 'nowhere'"),
    "no_class": ("_target_: shuffle_op.Nothing", "Error loading 'shuffle_op.Nothing'"),
    "no_space": ("_target_: shuffle_op.Wide\nkernel: 3", "shuffle_op.Wide, which is no SearchSpace"),
    "half": ("_target_: half.Half", "abstract"),
    "syntax": ("_target_: broken.Space", "SyntaxError"),
    "unknown_key": ("_target_: nas.search_spaces.bits.Bits\nnumber: 3", "unexpected keyword argument 'number'"),
}


class TestWide(CellOpSuite):
    def make(self) -> Any:
        return Wide(kernel=5)


@pytest.mark.parametrize(
    ("kind", "test", "sentence"),
    [(Forgets, "test_costs", "closed-form cost"), (KeepsItsSize, "test_shapes", "not (3, 6, 4, 4)")],
)
def test_a_broken_op(kind: type[Wide], test: str, sentence: str) -> None:
    class Suite(CellOpSuite):
        def make(self) -> Any:
            return kind(kernel=3)

    with pytest.raises(BrokenRule) as caught:
        getattr(Suite(), test)(2)
    assert sentence in str(caught.value)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a user works: a module and a folder of YAML."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "shuffle_op.py").write_text((ROOT / "tests" / "helpers" / "shuffle_op.py").read_text())
    (folder / "half.py").write_text(
        "from nas.search_spaces.base import SearchSpace\nclass Half(SearchSpace):\n    name = 'half'\n"
    )
    (folder / "broken.py").write_text("class Space(:\n")
    for group in ("experiment", "search_space"):
        (folder / "my_conf" / group).mkdir(parents=True)
    (folder / "double.py").write_text(DOUBLE)
    (folder / "my_conf" / "search_space" / "double.yaml").write_text("_target_: double.Double\nnum_bits: 20\n")
    (folder / "my_conf" / "experiment" / "study.yaml").write_text(STUDY)
    (folder / "my_conf" / "experiment" / "wide.yaml").write_text(OP)
    (folder / "my_conf" / "experiment" / "slow.yaml").write_text(MUTATION)
    for name, (text, _) in WRONG.items():
        (folder / "my_conf" / "search_space" / f"{name}.yaml").write_text(text + "\n")
    return folder


def call(place: Path, entry: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "launchers")))}
    command = [sys.executable, "-m", f"nas.{entry}", "--config-dir", "my_conf", *arguments]
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=280)


SMALL = ["dataset.fraction=0.1", "training.epochs=1", "population.size=2", "population.sample_size=2"]


@pytest.mark.slow
def test_an_op_is_searched_with_reported_and_loaded(place: Path) -> None:
    small = [*SMALL, "budget.evaluations=3", "evaluator.keep_weights=true", "network.filters=4"]
    done = call(place, "evolve", "experiment=wide", "run=wide", *small)
    assert done.returncode == 0, done.stderr
    history = History.load(place / "runs" / "wide")
    assert history.identity["search_space"]["own_ops"] == ["wide"]
    assert history.identity["evaluator"]["network"]["own_ops"] == {"wide": {"name": "shuffle_op.Wide", "kernel": 5}}
    assert history.header["plugins"] == {"shuffle_op": "unknown"}
    assert any('"wide"' in str(one.genome).replace("'", '"') for one in history.told)
    with pytest.raises(UserError, match="has an op 'wide' of its own"):
        load_model(place / "runs" / "wide")
    with pytest.raises(UserError, match="the network's op 'wide' is"):
        load_model(place / "runs" / "wide", own_ops={"wide": OwnOp(kernel=3)})
    model = load_model(place / "runs" / "wide", own_ops={"wide": OwnOp(kernel=5)})
    assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 10)
    assert ">wide</text>" in (place / "runs" / "wide" / "report.html").read_text()


@pytest.mark.slow
def test_a_mutation_of_dna_is_searched_with(place: Path) -> None:
    small = ["dataset.fraction=0.1", "population.size=2", "training.steps=3", "budget.evaluations=8"]
    only = [f"search_space.weights.{name}=0" for name in ("insert_convolution", "add_skip", "alter_learning_rate")]
    done = call(place, "evolve", "experiment=slow", "run=slow", "hardware.workers=1", *small, *only)
    assert done.returncode == 0, done.stderr
    history = History.load(place / "runs" / "slow")
    assert history.identity["search_space"]["mutations"]["slow_down"] == {"name": "shuffle_op.SlowDown", "by": 3.0}
    assert "slow_down" in {one.mutation.name for one in history.individuals if one.mutation}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_plug_in_is_one_sentence(place: Path, name: str) -> None:
    done = call(place, "evolve", "experiment=toy", f"search_space={name}", "run=wrong")
    assert done.returncode == 2
    assert WRONG[name][1] in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (place / "runs" / "wrong").exists()


def test_an_op_that_is_no_op_or_has_a_taken_name(place: Path) -> None:
    taken = "conv_1x1:{_target_:shuffle_op.Wide,kernel:3}"
    wrong = ["network.own_ops={wide:{_target_:shuffle_op.SlowDown,by:2.0}}", f"network.own_ops={{{taken}}}"]
    for override, sentence in zip(wrong, ("which is no CellOp", "which there is already"), strict=True):
        done = call(place, "evolve", "experiment=demo", override)
        assert done.returncode == 2
        assert sentence in done.stderr
    done = call(place, "evolve", "experiment=wide", "network.own_ops=null")
    assert done.returncode == 2
    assert "'wide', allowed are none, conv_1x1" in done.stderr


def test_a_study_of_searches_finds_the_parts_too(place: Path) -> None:
    """In processes that share searches, and again when it is finished."""
    for _ in range(2):
        done = call(place, "compare", "experiment=study", "at_once=2")
        assert done.returncode == 0, done.stdout + done.stderr
    found = sorted(place.glob("runs/mine/**/history.jsonl"))
    assert len(found) == 4
    assert {History.load(path).header["plugins"]["double"] for path in found} == {"unknown"}


def test_a_sweep_finds_the_parts_too(place: Path) -> None:
    small = ["experiment=toy", "search_space=double", "budget.evaluations=110", "report=false"]
    done = call(place, "evolve", "-m", *small, "seed=0,1", "runs_dir=swept")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(place.glob("swept/*/history.jsonl"))) == 2
