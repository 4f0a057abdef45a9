"""Every way in which a child's job can end, through the user's own command line on a real cluster."""

import os
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
from chaos_check import check, spans
from chaos_cluster import end_soon, kill_node, nodes, preempt, queued, run, start_node
from chaos_search import Search, sleep_while_running

pytestmark = [pytest.mark.slurm, pytest.mark.side_by_side, pytest.mark.timeout(600)]


def test_twenty_children_on_two_nodes_with_gpus_of_their_own(place: Path) -> None:
    wanted = ["budget.evaluations=20", "hardware.workers=4", "hardware.gpus_per_node=1", "evaluator.mean_s=1.5"]
    search = Search(place, *wanted, preflight=True)
    search.finish()
    check(search, told=20)
    lives = [life for child in spans(search).values() for life in child]
    assert len(lives) == 20
    assert {life["node"] for life in lives} == set(nodes("main"))
    assert {life["gpu"] for life in lives} == {"0", "1"}
    for one, other in combinations(lives, 2):
        together = one["from"] <= other["to"] and other["from"] <= one["to"]
        assert not together or (one["node"], one["gpu"]) != (other["node"], other["gpu"])


def test_a_child_that_somebody_cancels_is_tried_again(place: Path) -> None:
    search = Search(place, "budget.evaluations=6", "hardware.workers=3", "evaluator.held=[1]").start()
    search.until(lambda: search.started(1), "child 1 runs")
    run("scancel", search.job_of(1))
    search.finish()
    check(search, told=6)
    (ended,) = search.events("interrupted")
    assert (ended["number"], ended["attempt"], ended["cause"]) == (1, 1, "lost")


def test_a_child_beyond_its_limit_fails_unless_it_got_further(place: Path) -> None:
    trains = ["evaluator.trains=[2]", "evaluator.epochs=6", "evaluator.stalls=3"]
    search = Search(place, "budget.evaluations=5", "hardware.workers=3", "evaluator.sleeps=[1]", *trains).start()
    search.until(lambda: search.started(1), "child 1 runs")
    end_soon(search.job_of(1))
    search.until(lambda: len([line for line in search.diary if line["event"] == "epoch"]) == 3, "child 2 stalls")
    end_soon(search.job_of(2))
    search.finish()
    check(search, told=5, failed=(1,))
    (failed,) = search.events("failed")
    assert "limit" in failed["reason"]
    (ended,) = search.events("interrupted")
    assert (ended["number"], ended["cause"]) == (2, "timeout")
    epochs = [line["epoch"] for line in search.diary if line["event"] == "epoch"]
    assert epochs == list(range(1, 7))  # none twice


def test_a_node_dies_and_comes_back(place: Path) -> None:
    wanted = ["budget.evaluations=10", "hardware.workers=6", "evaluator.held=[0,1,2,3,4,5]"]
    spread = "+hydra.launcher.additional_parameters.spread-job=true"
    search = Search(place, *wanted, "hydra.launcher.partition=fragile", spread).start()
    search.until(lambda: search.started(*range(6)), "six children run")
    where = {line["number"]: line["node"] for line in search.diary if line["event"] == "start"}
    node = where[0]
    kill_node(node)
    try:
        search.open_gate()
        search.finish()
    finally:
        start_node(node)
    check(search, told=10)
    dead = {number for number, at in where.items() if at == node}
    assert {event["number"] for event in search.events("interrupted", "requeued")} == dead


@pytest.mark.parametrize("partition", ["low", "lowgrace", "lowcancel"])
def test_preempted(place: Path, partition: str) -> None:
    where = f"hydra.launcher.partition={partition}"
    search = Search(place, "budget.evaluations=8", "hardware.workers=4", "evaluator.held=[0,1,3]", where).start()
    search.until(lambda: search.started(0, 1, 3), "three children run")
    first = {number: search.job_of(number) for number in (0, 1, 3)}
    preempt(partition, seconds=3)
    search.finish()
    check(search, told=8)
    lives = spans(search)
    for number in (0, 1, 3):
        assert len(lives[number]) == 2
        ended, done = lives[number]
        assert ended["job"] == first[number]
        assert (done["job"] == first[number]) == (partition != "lowcancel"), "SLURM itself starts it again"
        assert done["restart"] == (partition != "lowcancel")
    reasons = search.events("interrupted", "requeued")
    assert {event["number"] for event in reasons} == {0, 1, 3}


def test_children_that_end_without_a_result_or_raise(place: Path) -> None:
    odd = ["evaluator.exits=[1]", "evaluator.exits_once=[2]", "evaluator.raises=[3]"]
    search = Search(place, "budget.evaluations=6", "hardware.workers=3", *odd)
    search.finish()
    check(search, told=6, failed=(1, 3))
    lives = spans(search)
    assert [len(lives[number]) for number in (1, 2, 3)] == [3, 2, 1]
    failed = {event["number"]: event for event in search.events("failed")}
    assert "exit code 7" in failed[1]["reason"]
    assert "child 3 does not like its genome" in failed[3]["reason"]
    assert "in _misbehave" in failed[3]["traceback"]


def test_a_child_that_takes_too_much_memory_fails_for_that_reason(place: Path) -> None:
    search = Search(place, "budget.evaluations=3", "hardware.workers=2", "evaluator.eats=[1]")
    search.finish()
    check(search, told=3, failed=(1,))
    assert len(spans(search)[1]) == 1
    (failed,) = search.events("failed")
    assert "memory" in failed["reason"]


def test_submission_limits_are_waited_for(place: Path) -> None:
    search = Search(place, "budget.evaluations=8", "hardware.workers=5", "hydra.launcher.account=few")
    search.start()
    most = 0
    while search.process is not None and search.process.poll() is None:
        most = max(most, len(queued(search.folder)))
    search.wait()
    check(search, told=8)
    assert most == 2
    assert "AssocMaxSubmitJobLimit" in search.output


def test_commands_that_fail_for_a_while(place: Path) -> None:
    search = Search(place, "budget.evaluations=10", "hardware.workers=3", "evaluator.exits_once=[4]")
    words = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
    search.break_command("sacct", "sacct: error: slurm_persist_conn_open_without_init: failed to open connection")
    search.start()
    search.until(lambda: search.started(2), "children run")
    for command in ("squeue", "sbatch", "scancel"):
        search.break_command(command, words)
    search.until(lambda: (search.process and search.process.poll() is not None) or _idle(search), "all waits")
    assert search.process is not None
    assert search.process.poll() is None, search.output
    for command in ("squeue", "sbatch", "scancel", "sacct"):
        search.mend_command(command)
    search.finish()
    check(search, told=10)
    assert [len(lives) for _, lives in sorted(spans(search).items())] == [1, 1, 1, 1, 2, 1, 1, 1, 1, 1]


def _idle(search: Search) -> bool:
    """Whether all that was submitted has been told, while no more can be."""
    ended = {event["number"] for event in search.events("told")}
    return {event["number"] for event in search.events("submitted")} == ended


def test_a_site_without_accounting(place: Path) -> None:
    root = Path(os.environ["SLURM_CONF"]).parent / "plain"
    start = Path(__file__).with_name("start.sh")
    port = int(os.environ.get("SLURM_PORT", "16917")) + 1200
    shape = {"SLURM_TEST_ROOT": str(root), "SLURM_PORT": str(port), "SLURM_ACCOUNTING": "0", "SLURM_NODES": "1"}
    outside = {name: value for name, value in os.environ.items() if name != "SLURM_CONF"}
    subprocess.run([str(start)], env=outside | shape, check=True, timeout=60, capture_output=True)
    try:
        odd = ["evaluator.exits_once=[2]", "evaluator.exits=[3]", "evaluator.held=[0]"]
        search = Search(place, "budget.evaluations=5", "hardware.workers=3", *odd)
        search.environment["SLURM_CONF"] = str(root / "slurm.conf")
        search.start()
        search.until(lambda: search.started(0), "a child runs")
        search.break_command("squeue", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
        sleep_while_running(search, 12)  # nobody knows of any job now, which must not be taken for its end
        search.mend_command("squeue")
        search.open_gate()
        search.finish()
        check(search, told=5, failed=(3,), sacct=False)
        assert [len(spans(search)[number]) for number in (0, 2, 3)] == [1, 2, 3]
    finally:
        subprocess.run([str(start.with_name("stop.sh"))], env=outside | shape, check=True, timeout=60)
