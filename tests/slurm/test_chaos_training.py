"""Children that train, one of which loses its node: the search is the one that nothing happened to, to the bit."""

from pathlib import Path

import pytest
from chaos_cluster import preempt, run
from chaos_search import Search, wait_until_gone

from nas import History

pytestmark = [pytest.mark.slurm, pytest.mark.side_by_side, pytest.mark.timeout(600)]
DIGITS = [
    "experiment=demo",
    "budget.evaluations=2",
    "training.epochs=8",
    "hardware.mem_gb=2",
    "hardware.timeout_min=10",
]
QUIET = ["progress=plain", "report=false", "++preflight=false", "evaluator.checkpoint_every_s=0"]


def test_two_children_that_train_one_of_them_preempted(place: Path) -> None:
    calm, stormy = Search(place, name="calm"), Search(place, "hydra.launcher.partition=low", name="stormy")
    for search in (calm, stormy):
        search.settings = [*DIGITS, *QUIET]
    stormy.start()
    stormy.until(lambda: len(checkpoints(stormy)) == 2, "both children have a checkpoint", 120)
    processors = int(run("sinfo", "--noheader", "--partition=low", "--format=%c"))
    preempt("low", 2, f"--cpus-per-task={processors - 1}")  # each child has one: one of them must go
    calm.start()
    stormy.finish()
    calm.finish()
    assert History.load(stormy.folder).science() == History.load(calm.folder).science()
    (again,) = stormy.events("requeued")
    log = stormy.folder / "children" / f"{again['number']:06d}" / f"attempt-{again['attempt']}" / "log"
    assert "goes on" in log.read_text()
    wait_until_gone(stormy)
    wait_until_gone(calm)


def checkpoints(search: Search) -> list[Path]:
    return list(search.folder.glob("children/*/attempt-*/last.ckpt"))
