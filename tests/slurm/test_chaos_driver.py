"""Drivers that die, are stopped and are started again, on a real cluster."""

import json
import signal
import subprocess
import time
from pathlib import Path
from random import Random

import pytest
from chaos_check import check, spans
from chaos_cluster import queued
from chaos_search import Search, sleep_while_running, wait_until_gone

pytestmark = [pytest.mark.slurm, pytest.mark.side_by_side, pytest.mark.timeout(600)]
KILL = 'kill -KILL "$driver"'


def only_orphans_began_twice(search: Search) -> bool:
    """Whether every child began once, apart from those of which the journal has an intent but no job."""
    known = {(event["number"], event["attempt"]) for event in search.events("submitted")}
    intended = [(event["number"], event["attempt"]) for event in search.events("submitting")]
    orphans = {number for number, attempt in intended if (number, attempt) not in known}
    return {number for number, lives in spans(search).items() if len(lives) > 1} <= orphans


def test_a_driver_that_is_killed_while_children_run(place: Path) -> None:
    """Some end while nobody watches, some go on; none is started twice."""
    search = Search(place, "budget.evaluations=10", "hardware.workers=4", "evaluator.held=[2,5]").start()
    search.until(lambda: search.started(2, 5) and len(search.events("told")) >= 2, "children 2 and 5 run")
    search.kill()
    search.start()
    search.until(lambda: len(search.events("opened")) == 2, "the second driver is at work")
    search.until(lambda: len(search.events("told")) >= 6, "children are told")
    search.kill()
    search.open_gate()
    time.sleep(4)
    search.finish()
    check(search, told=10, orphans=2)
    assert only_orphans_began_twice(search)


@pytest.mark.parametrize("moment", ["asked", "submitting", "submitted", "told"])
def test_a_driver_that_is_killed_at_an_event(place: Path, moment: str) -> None:
    """As soon as the journal shows it, in four sessions one after the other."""
    search = Search(place, "budget.evaluations=8", "hardware.workers=3")
    for count in (1, 3, 5):
        search.start()
        search.until(lambda count=count: len(search.events(moment)) >= count, f"{moment} is in the journal", 60)
        search.kill()
    search.finish()
    check(search, told=8, orphans=3)
    assert only_orphans_began_twice(search)


SUBMIT = 'said=$("$real" "$@")'
# submitit then gives the job what it is to run
HAND_OVER = 'cd "$(dirname "${@: -1}")"; mv "$(ls *.pkl | grep -v _)" "${said##* }_submitted.pkl"'


@pytest.mark.parametrize("lines", [":", SUBMIT, f"{SUBMIT}; {HAND_OVER}"], ids=["before", "after", "well after"])
def test_a_driver_that_dies_around_sbatch(place: Path, lines: str) -> None:
    """The intent is in the journal, the job's number is not: though there is one, and it would run for ever."""
    search = Search(place, "budget.evaluations=6", "hardware.workers=3", "evaluator.held=[2]")
    search.wrap("sbatch", f'grep -q "nas:[0-9a-f]*:2:1" "${{@: -1}}" && {{ {lines}; {KILL}; exit 1; }}')
    search.start()
    assert search.wait() == -signal.SIGKILL
    known = {event["job"] for event in search.events("submitted")}
    assert (search.events("submitting")[-1]["number"], len(known)) == (2, 2)
    assert len({job.id for job in queued(search.folder)} - known) == (lines != ":")
    if HAND_OVER in lines:
        search.until(lambda: search.started(2), "child 2 runs, and no journal knows its job")
    search.finish()
    check(search, told=6, orphans=1)


def test_ctrl_c_leaves_jobs_and_the_same_command_takes_them_up(place: Path) -> None:
    search = Search(place, "budget.evaluations=6", "hardware.workers=3", "evaluator.held=[0,1,2]").start()
    search.until(lambda: search.started(0, 1, 2), "three children run")
    search.signal()
    assert search.wait(60) == 130
    assert len(queued(search.folder)) == 3
    assert "3 jobs" in search.output
    search.start()
    search.until(lambda: len(search.events("opened")) == 2, "the second driver is at work")
    search.open_gate()
    search.finish()
    check(search, told=6)
    assert all(len(lives) == 1 for lives in spans(search).values())


def test_ctrl_c_twice_cancels(place: Path) -> None:
    search = Search(place, "budget.evaluations=6", "hardware.workers=3", "evaluator.held=[0,1,2]").start()
    search.until(lambda: search.started(0, 1, 2), "three children run")
    search.signal()
    time.sleep(1)
    search.signal()
    assert search.wait(60) == 130
    wait_until_gone(search, 30)
    assert {event["cause"] for event in search.events("interrupted")} == {"stopped"}
    search.finish()
    check(search, told=6)


def test_a_storm(place: Path) -> None:
    """Twelve times in a row something happens to the driver, to a job, or to squeue."""
    rng, most = Random(0), ["budget.evaluations=24", "hardware.workers=4", "max_attempts=20", "max_failures=1"]
    search = Search(
        place, *most, "evaluator.mean_s=2.0", "evaluator.holding=[23]"
    ).start()  # not before the storm is over
    for blow in 3 * ["kill", "scancel", "requeue", "squeue"]:
        time.sleep(rng.uniform(1.0, 3.0))
        jobs = [job.id for job in queued(search.folder) if job.state == "RUNNING"]
        if blow == "kill":
            search.kill()
            search.start()
        elif blow == "squeue":
            search.break_command("squeue", "slurm_load_jobs error: Socket timed out on send/recv operation")
            sleep_while_running(search, 2.0)
            search.mend_command("squeue")
        elif jobs:
            command = ["scancel"] if blow == "scancel" else ["scontrol", "requeue"]
            subprocess.run([*command, rng.choice(jobs)], check=False, capture_output=True)
    search.open_gate()
    search.finish()
    check(search, told=24, orphans=3)


def test_three_seeds_side_by_side(place: Path) -> None:
    sweep = Search(place, "budget.evaluations=5", "hardware.workers=2", "seed=0,1,2", name="sweep")
    sweep.flags.append("-m")
    sweep.overrides.append(f"run='{place}/seed-${{seed}}'")
    sweep.finish()
    for seed in range(3):
        search = Search(place, name=f"seed-{seed}")
        search.diary_path, search.since = place / f"seed-{seed}.diary", sweep.since
        lines = [line for line in sweep.diary if line["job"] in {event["job"] for event in search.events("submitted")}]
        search.diary_path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        check(search, told=5)
