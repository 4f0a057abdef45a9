"""Distributed training on a real cluster: the tasks of one node, and a task on each of two nodes."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from nas_launchers.build import build_executor

from nas.evaluators.base import Task
from nas.evaluators.child import run_child
from tests.evaluators.test_resume import make

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]
ROOT = Path(__file__).resolve().parents[2]


def science(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if not name.endswith("_s")}


def test_two_tasks_on_one_node_and_on_two(tmp_path: Path) -> None:
    """Both jobs run side by side, and bring what two processes of this machine bring."""
    jobs, executors = [], []
    for nodes, devices in ((1, 2), (2, 1)):
        evaluator = make(f"hardware.nodes={nodes}", f"hardware.devices={devices}", "training.epochs=1")
        folder = tmp_path / f"on-{nodes}"
        (folder / "child").mkdir(parents=True)
        fields = {"nodes": nodes, "tasks_per_node": devices, "cpus_per_task": 1, "mem_gb": 2, "timeout_min": 5}
        made = build_executor("submitit_slurm", fields, workers=1, folder=folder, paths=[ROOT])
        task = Task(0, evaluator.space.initial(Random(0)), 5, folder=folder / "child")
        executors.append(made)
        jobs.append(made.submit(run_child, evaluator, task, True))
    here = make("hardware.devices=2", "training.epochs=1").evaluate(Task(0, task.genome, 5))
    for nodes, job in zip((1, 2), jobs, strict=True):
        assert science(job.result().metrics) == science(here)
        left = {path.name for path in (tmp_path / f"on-{nodes}" / "child").iterdir()}
        assert left == {"log", "log.rank1", "result.json"}
    for made in executors:
        made.shutdown()
