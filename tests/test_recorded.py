"""Parts made again from journals: names choose among our options, and nothing else of a run folder is read or run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra import initialize_config_dir

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.application import config_folder
from nas.errors import UserError
from nas.evaluators.toy import Toy
from nas.recorded import recorded_dataset, recorded_finals, recorded_part, recorded_space
from nas.recorded_evaluator import recorded_evaluator
from nas.search_spaces.bits import Bits
from tests.helpers import parts

ROOT = Path(__file__).parents[1]
BITS = Bits(num_bits=3)
TOY = Toy(space=BITS, noise=0.0, counted=1)


@pytest.fixture(autouse=True)
def hardware() -> Any:
    """Hardware for trainings; and Hydra as an entry point has it."""
    made = parts.hardware()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        yield made


def searched(folder: Path, **identity: Any) -> History:
    """A search whose journal was changed afterwards."""
    run_search(space=BITS, algorithm=RandomSearch(BITS), evaluator=TOY, budget=2, run=folder)
    journal = folder / "history.jsonl"
    first, rest = journal.read_text().split("\n", 1)
    header = json.loads(first)
    header["identity"] |= identity
    journal.write_text(f"{json.dumps(header)}\n{rest}")
    return History.load(folder)


def hostile_names(folder: Path) -> list[str]:
    """Names that lead Hydra to a file which, if it were made, would leave a trace."""
    evil = folder / "evil.yaml"
    trace = f"_target_: os.mkdir\npath: {folder / 'trace'}\nnum_bits: 3\n"
    evil.write_text(trace)
    up = "/".join([".."] * 30)
    return [
        str(evil.with_suffix("")),
        f"{up}{evil.with_suffix('')}",
        f"file://{evil.with_suffix('')}",
        f"../search_space/{BITS.name}",
        "bits,cells",
        "[bits]",
        "bits@evaluator",
        "${oc.env:HOME}",
        "null",
        "",
        "bits\n",
        "bits hydra.searchpath=[file:///tmp]",
    ]


def test_a_name_that_is_no_option_is_one_sentence(tmp_path: Path) -> None:
    for index, name in enumerate(hostile_names(tmp_path)):
        history = searched(tmp_path / f"run{index}", search_space={"name": name, "num_bits": 3})
        with pytest.raises(UserError, match=r"search_space .* is not in the configuration: .* set search_space=NAME"):
            recorded_space(history)
    assert not (tmp_path / "trace").exists()


def test_every_part_of_a_journal_is_held_to_it(tmp_path: Path, hardware: Any) -> None:
    for index, name in enumerate(hostile_names(tmp_path)):
        evil = {"name": name}
        train = {"name": "train", "dataset": evil, "network": evil, "training": evil}
        history = searched(tmp_path / f"run{index}", evaluator=train)
        with pytest.raises(UserError, match=r"the network .* is not in the configuration"):
            recorded_evaluator(history, [], hardware)
        with pytest.raises(UserError, match=r"the dataset .* is not in the configuration"):
            recorded_dataset(history, {})
        with pytest.raises(UserError, match=r"the evaluator .* is not in the configuration"):
            recorded_part("evaluator", evil, {}, history.path.parent)
        assert recorded_finals(searched(tmp_path / f"finals{index}", evaluator=evil)) is None
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("part", [None, "bits", ["bits"], 3])
def test_a_part_that_is_no_mapping_is_one_sentence(tmp_path: Path, part: Any, hardware: Any) -> None:
    history = searched(tmp_path / "run", search_space=part, evaluator={"name": "train", "network": part})
    with pytest.raises(UserError, match="names no search_space"):
        recorded_space(history)
    with pytest.raises(UserError, match="names no network"):
        recorded_evaluator(history, [], hardware)


def test_a_target_in_a_journal_makes_nothing(tmp_path: Path) -> None:
    evil = {"_target_": "os.mkdir", "path": str(tmp_path / "trace")}
    history = searched(tmp_path / "run", search_space={"name": "bits", "num_bits": 3, **evil})
    with pytest.raises(UserError, match="has changed since"):
        recorded_space(history)
    space = {"name": "dna", "learning_rate": 0.1, "mutations": {"evil": evil}, "weights": {}}
    recorded_space(searched(tmp_path / "dna", search_space=space))
    assert not (tmp_path / "trace").exists()


def test_places_of_files_are_never_the_journals(tmp_path: Path) -> None:
    identity = {"name": "image_folder", "root": "/the/journals", "path": "/the/journals", "fingerprint": ""}
    options = {"dataset.root": "/ours"}
    made = recorded_part("dataset", identity, {"root": options["dataset.root"]}, tmp_path)
    assert made.root == "/ours"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"dataset": {"root": "/the/configs"}}))
    assert recorded_part("dataset", identity, {}, tmp_path).root == "/the/configs"


def test_options_of_a_users_own_configuration_are_options(tmp_path: Path) -> None:
    """By `--config-dir`, as a user has it: the journal's name finds the YAML that the user put there."""
    mine = tmp_path / "conf" / "search_space"
    mine.mkdir(parents=True)
    (mine / "my-bits.yaml").write_text("_target_: nas.search_spaces.bits.Bits\nnum_bits: 4\n")
    searched(tmp_path / "run", search_space={"name": "my-bits", "num_bits": 3})
    code = f"""
from omegaconf import DictConfig
from nas.application import run_application
from nas.recorded import recorded_histories, recorded_space
def task(config: DictConfig) -> None:
    (history,) = recorded_histories([{str(tmp_path / "run")!r}], "runs")
    print(recorded_space(history))
run_application(task, "report")
"""
    command = [sys.executable, "-c", code, "--config-dir", str(tmp_path / "conf")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Bits(num_bits=3)"
    without = subprocess.run([*command[:3]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert without.returncode == 2
    assert "the search_space 'my-bits'" in without.stderr
    assert "is not in the configuration" in without.stderr
