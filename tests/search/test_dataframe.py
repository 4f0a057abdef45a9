"""A search as a table."""

import json
import sys
from pathlib import Path

import pytest

from nas import Fidelity, run_search
from nas.algorithms.base import Proposal
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.search.dataframe import rows
from nas.search.history import History
from nas.search_spaces.bits import Bits
from tests.search.test_fidelity import Cheap

SPACE = Bits(num_bits=8)


def searched(folder: Path) -> History:
    def measured(genome: tuple[int, ...], seed: int, fidelity: Fidelity | None = None) -> dict[str, float]:
        if seed % 4 == 0:
            raise RuntimeError("unlucky")
        return {"valid_accuracy": sum(genome) / 8, "ones": sum(genome)}

    algorithm = Cheap(SPACE)
    return run_search(space=SPACE, algorithm=algorithm, evaluator=measured, budget=12, run=folder).history()


def test_a_row_for_each_individual(tmp_path: Path) -> None:
    history = searched(tmp_path / "run")
    table = list(rows(history))
    assert [row["number"] for row in table] == list(range(len(history.individuals)))
    events = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()[1:]]
    told = [event for event in events if event["event"] == "told"]
    assert [(row["number"], row["fitness"], row["ones"]) for row in table if row["place"]] == [
        (event["number"], event["fitness"], event["metrics"]["ones"]) for event in told
    ]
    assert {row.get("fidelity_epochs") for row in table} == {None, 3}
    assert {row["state"] for row in table} == {"told", "failed"}


def test_as_a_dataframe(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    history = searched(tmp_path / "run")
    frame = history.to_dataframe()
    assert len(frame) == len(history.individuals)
    assert frame.fitness.count() == len(history.told)
    assert frame.loc[frame.place == 1, "number"].item() == history.told_order[0]
    assert frame.fitness.max() == max(individual.fitness or 0.0 for individual in history.told)


def test_without_pandas_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match=r"needs pandas: pip install 'nas-evolve\[dataframe\]'"):
        searched(tmp_path / "run").to_dataframe()


def test_proposals_without_fidelity_have_no_such_columns(tmp_path: Path) -> None:
    assert Proposal((0,)).fidelity is None
    done = run_search(
        space=SPACE, algorithm=RandomSearch(SPACE), evaluator=lambda g, s: 0.5, budget=3, run=tmp_path / "run"
    )
    assert not any(name.startswith("fidelity") for row in rows(done.history()) for name in row)
