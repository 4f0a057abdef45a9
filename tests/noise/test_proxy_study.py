"""Proxy studies of real searches: by trainings, by the table, gone on with, and what is refused."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra import initialize_config_dir
from nas_launchers.inline import InlineExecutor
from scipy import stats

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.application import config_folder
from nas.errors import UserError
from nas.evaluators.table import TableEvaluator
from nas.evaluators.toy import Toy
from nas.evaluators.train import TrainEvaluator
from nas.noise.proxy_folder import keep_identity, summary, write_result
from nas.noise.proxy_study import ProxyStudy, choose_members, run_proxy_study
from nas.recorded import recorded_space
from nas.recorded_evaluator import recorded_evaluator
from nas.search.locked_folder import locked_folder
from nas.search_spaces.bits import Bits
from nas.search_spaces.nasbench201 import NasBench201
from tests.helpers import parts
from tests.helpers.tables import tables

ROOT = Path(__file__).parents[2]
BITS = Bits(num_bits=3)


@pytest.fixture(autouse=True)
def _configuration() -> Any:
    """As an entry point has it; the helper's parts are composed before, in a configuration of their own."""
    for part in (parts.dataset, parts.network, parts.recipe, parts.hardware):
        part()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        yield


def searched(folder: Path, space: Any, evaluator: Any, budget: int) -> History:
    return run_search(
        space=space, algorithm=RandomSearch(space), evaluator=evaluator, budget=budget, run=folder
    ).history()


def train_search(folder: Path) -> History:
    evaluator = TrainEvaluator(
        space=parts.SPACE,
        dataset=parts.dataset(),
        network=parts.network(),
        training=parts.recipe(),
        hardware=parts.hardware(),
    )
    return searched(folder, parts.SPACE, evaluator, 3)


def study(**changes: Any) -> ProxyStudy:
    return ProxyStudy(**{"random": 3, "top": 2, "seeds": 1, "within": [3], "final": ["training.epochs=2"], **changes})


def studied(history: History, wanted: ProxyStudy, folder: Path, said: list[str]) -> Any:
    evaluators = {
        setting: recorded_evaluator(history, overrides, parts.hardware())
        for setting, overrides in (("proxy", []), ("final", wanted.final))
    }
    with locked_folder(folder, "folder", lambda: None) as lock:
        return run_proxy_study(
            history, recorded_space(history), evaluators, wanted, folder, lambda _: InlineExecutor(), lock, said.append
        )


def test_real_trainings_at_both_settings(tmp_path: Path) -> None:
    history = train_search(tmp_path / "run")
    said: list[str] = []
    found = studied(history, study(), tmp_path / "study", said)
    assert [member.origin for member in found.members] == ["top", "top", "random", "random", "random"]
    assert len(said) == 10
    results = {
        path.parent.relative_to(tmp_path / "study" / "trainings").as_posix(): json.loads(path.read_text())
        for path in (tmp_path / "study").rglob("result.json")
    }
    best = found.members[0].name
    assert results[f"final/{best}-0"]["metrics"]["valid_accuracy"] == found.values["final"][0, 0]
    examples = [results[f"{setting}/{best}-0"]["metrics"]["train_examples"] for setting in ("proxy", "final")]
    assert examples[1] == 2 * examples[0]
    page = write_result(tmp_path / "study", found)
    assert (tmp_path / "study" / "proxy.svg").read_text().count("<title>") == 5
    assert page.read_text().count("<tr>") == 1 + len(found.agreements)
    with (tmp_path / "study" / "proxy.csv").open() as file:
        rows = list(csv.DictReader(file))
    proxy, final = ([float(row[key]) for row in rows] for key in ("proxy", "final"))
    expected = stats.spearmanr(proxy, final).statistic
    if np.isfinite(expected):
        assert found.agreements["all"].spearman.value == pytest.approx(expected)
    assert f"regret {max(final) - final[int(np.argmax(proxy))]:.4f}" in summary(found)
    lost = tmp_path / "study" / "trainings" / "final" / f"{best}-0" / "result.json"
    lost.unlink()
    said.clear()
    again = studied(history, study(), tmp_path / "study", said)
    assert said[-1].endswith("(10 of 10)")
    assert len(said) == 1  # the others were there
    assert again.values["final"].tolist() == found.values["final"].tolist()


def test_settings_of_a_table(tmp_path: Path) -> None:
    space = NasBench201()
    path = str(tables() / "nasbench201.npz")
    table = TableEvaluator(space=space, path=path, data="cifar10", epochs=12, seeds="mean", evaluation_s=2.4)
    history = searched(tmp_path / "run", space, table, 40)
    (tmp_path / "run" / "config.yaml").write_text(f"evaluator: {{path: {path}}}\n")
    final = ["evaluator.epochs=200", "evaluator.seeds=random"]
    found = studied(history, study(random=60, top=10, seeds=2, within=[20], final=final), tmp_path / "study", [])
    best = found.members[0]
    row = table.row(best.genome)
    with np.load(path) as arrays:
        assert found.values["proxy"][0].tolist() == [pytest.approx(arrays["cifar10_valid_12"][row] / 100)] * 2
        trainings = arrays["cifar10_valid_200_seeds"][row] / 100
    for value in found.values["final"][0]:
        assert np.nanmin(np.abs(trainings - value)) < 1e-6
    assert list(found.agreements) == ["all", "random genomes", "top 20 by proxy"]
    assert found.agreements["all"].genomes == 70
    assert found.agreements["all"].spearman.value > found.agreements["top 20 by proxy"].spearman.value
    low, high = found.agreements["all"].spearman.interval
    assert low < found.agreements["all"].spearman.value < high


def test_members_differ_from_each_other(tmp_path: Path) -> None:
    history = searched(tmp_path / "run", BITS, Toy(space=BITS, noise=0.0, counted=1), 30)
    members = choose_members(history, BITS, study(random=50, top=2))
    assert len({member.genome for member in members}) == len(members) == 8  # all there are
    assert members[0].genome == (1, 1, 1)
    assert [member.fitness for member in members[2:]] == [None] * 6


def test_what_is_refused(tmp_path: Path) -> None:
    history = train_search(tmp_path / "run")
    cases = {
        ("training.epoch=2",): "training.epoch is unknown.*did you mean epochs",
        ("algorithm.size=2",): "algorithm.size of proxy_study.final is unknown",
        ("training=nothing",): "the training 'nothing'",
        ("training.epochs=1,2",): "it must be training.KEY=VALUE or training=OPTION",
        ("training.epochs=[",): "proxy_study.final cannot be read",
        ("dataset.fraction=2",): "dataset.fraction is 2",
    }
    for overrides, sentence in cases.items():
        with pytest.raises(UserError, match=sentence):
            recorded_evaluator(history, overrides, parts.hardware())
    larger = recorded_evaluator(history, ["network=tiny", "network.filters=2"], parts.hardware())
    assert (larger.network.filters, larger.network.num_cells) == (2, 1)
    toy = searched(tmp_path / "toy", BITS, Toy(space=BITS, noise=0.0, counted=1), 3)
    with pytest.raises(UserError, match="measured with evaluator=toy, a proxy study needs images"):
        recorded_evaluator(toy, [], parts.hardware())
    wrong = {"random": -1, "seeds": 0, "within": [9], "final": []}
    for key, value in wrong.items():
        with pytest.raises(UserError, match=f"proxy_study.{key} is "):
            study(**{key: value})
    with pytest.raises(UserError, match="sum to 1"):
        study(random=1, top=0)


def test_a_folder_holds_one_study(tmp_path: Path) -> None:
    keep_identity(tmp_path, {"final": {"epochs": 2}})
    keep_identity(tmp_path, {"final": {"epochs": 2}})
    with pytest.raises(UserError, match=r"differs in final\.epochs \(2 there, 3 here\)"):
        keep_identity(tmp_path, {"final": {"epochs": 3}})
    (tmp_path / "proxy.json").write_text("[")
    with pytest.raises(UserError, match="cannot be read"):
        keep_identity(tmp_path, {})
    (tmp_path / "history.jsonl").touch()
    with pytest.raises(UserError, match="is the folder of a search"):
        keep_identity(tmp_path, {})


def test_the_command(tmp_path: Path) -> None:
    train_search(tmp_path / "run")
    lines = (tmp_path / "run" / "history.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "history.jsonl").write_bytes(b"".join(lines[:-1]))

    def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nas.compare", "proxy=true", "hardware=cpu", "hardware.workers=0"]
        few = ["proxy_study.random=1", "proxy_study.top=1", "proxy_study.seeds=1", "proxy_study.within=[]"]
        final = ["proxy_study.final=['training.epochs=2']", f"out={tmp_path / 'study'}"]
        return subprocess.run(
            [*command, *few, *final, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=200
        )

    done = compare(f"run={tmp_path / 'run'}")
    assert done.returncode == 0, done.stderr
    assert "2 genomes of run, 1 evaluations each" in done.stdout
    assert (tmp_path / "study" / "proxy.svg").exists()
    for arguments, sentence in (
        ((), "nas: proxy=true studies one search, but 0 are named"),
        ((f"run={tmp_path / 'open'}",), f"nas: the search {tmp_path / 'open'} is not finished"),
        (("run=nowhere",), "nas: there is no journal at nowhere"),
    ):
        refused = compare(*arguments)
        assert (refused.returncode, refused.stderr.startswith(sentence)) == (2, True), refused.stderr
        assert refused.stderr.count("\n") == 1
