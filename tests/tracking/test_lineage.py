"""The lineage table: 20,000 rows read back from what wandb wrote, and which of them its page shows."""

from pathlib import Path
from typing import Any

import pytest
from wandb_files import artifacts, inspect, run_record, sessions, table

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.tracking import lineage, wandb_artifacts
from nas.tracking.wandb_account import WandbAccount

NUMBER = 20_000


def searched(folder: Path, evaluations: int) -> History:
    space = Bits(num_bits=100)
    return run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=100, sample_size=10, survival="oldest"),
        evaluator=Toy(space=space, noise=0.01, counted=1),
        budget=evaluations,
        run=folder / "demo",
    ).history()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> History:
    return searched(tmp_path_factory.mktemp("large"), NUMBER)


def tables(history: History) -> tuple[dict[str, Path], Path]:
    """The files of the artifact's tables, and of the page's."""
    folder = history.path.parent
    account = WandbAccount(project="nas", entity=None, mode="offline")
    run = account.start(folder, "abc", name="demo", config={})
    wandb_artifacts.log_artifacts(run, folder)
    run.finish()
    (session,) = sessions(folder)
    records = inspect(session)
    item = next(one["history"]["item"] for one in records if one["type"] == "history")
    assert run_record(records)["run_id"] == "abc"
    return artifacts(records)["lineage-abc"], session / "files" / item["lineage.path"]


def check(rows: list[dict[str, Any]], history: History) -> None:
    for row, individual in zip(rows, history.individuals, strict=True):
        assert row["number"] == individual.number
        assert row["architecture"] == individual.genome
        assert row["fitness"] == individual.fitness
        assert row["parents"] == ",".join(map(str, individual.parents))


def test_every_row_is_in_the_artifact_and_the_best_lineage_on_the_page(large):
    files, page = tables(large)
    assert list(files) == ["lineage.table.json"]
    check(table(files["lineage.table.json"]), large)
    shown = [row["number"] for row in table(page)]
    assert len(shown) == wandb_artifacts.SHOWN_ROWS
    assert shown == sorted(set(shown))
    assert large.best is not None
    assert {individual.number for individual in large.lineage(large.best.number)} <= set(shown)


def test_what_is_beyond_wandbs_limit_is_in_further_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(wandb_artifacts, "ARTIFACT_ROWS", 20)
    history = searched(tmp_path, 50)
    files, _ = tables(history)
    assert list(files) == [f"lineage-00{part}.table.json" for part in (1, 2, 3)]
    check([row for path in files.values() for row in table(path)], history)


def test_the_limits_are_wandbs():
    import wandb

    assert wandb.Table.MAX_ROWS == wandb_artifacts.SHOWN_ROWS
    assert wandb.Table.MAX_ARTIFACT_ROWS == wandb_artifacts.ARTIFACT_ROWS


@pytest.mark.parametrize("most", [1, 20, 150, 1000])
def test_the_nearest_ancestors_come_first(large, most):
    shown = [individual.number for individual in lineage.shown(large, most)]
    assert len(shown) == most
    assert large.best is not None
    ancestors = [individual.number for individual in large.lineage(large.best.number)]
    assert set(ancestors[:most]) <= set(shown)


def test_a_small_search_is_shown_whole(large):
    assert lineage.shown(large, NUMBER) == large.individuals


def test_metrics_of_two_types_in_one_column(tmp_path):
    def measure(genome: Any, seed: int) -> dict[str, Any]:
        return {"valid_accuracy": 0.5, "note": "odd" if seed % 2 else 1, "fitness": "theirs"}

    space = Bits(num_bits=4)
    algorithm = Evolution(space=space, population_size=3, sample_size=2, survival="oldest")
    history = run_search(space=space, algorithm=algorithm, evaluator=measure, budget=20, run=tmp_path).history()
    files, _ = tables(history)
    rows = table(files["lineage.table.json"])
    check(rows, history)
    assert {row["note"] for row in rows} == {"odd", 1}
