"""Children as jobs that outlive their driver: every way an attempt ends, and what the next driver finds."""

from pathlib import Path
from typing import Any

import pytest
from nas_launchers.executor import Interrupted, Lost, OutOfMemory, SubmissionDeferred, SubmissionRefused, TimedOut
from scripted import HOLDS, Scripted, events
from searches import search

from nas.errors import UserError
from nas.search import backoff
from nas.search.attempts import Patience
from nas.search.run import local_executor


def run(folder: Path, executor: Scripted, budget: int = 3, **options: Any) -> Any:
    return search(folder, budget=budget, executor=executor, **options)


def test_attempts_that_the_cluster_ends_are_tried_again(tmp_path: Path) -> None:
    script = {"1:1": Interrupted("job 1 ended in state NODE_FAIL"), "1:2": Lost("job 2 ended\nand its log")}
    executor = Scripted(script)
    result = run(tmp_path / "a", executor)
    plain = search(tmp_path / "b", budget=3)
    assert result.history().science() == plain.history().science()
    causes = [(event["attempt"], event["cause"], event["reason"]) for event in events(tmp_path / "a", "interrupted")]
    assert causes == [
        (1, "interruption", "job 1 ended in state NODE_FAIL"),
        (2, "lost", "job 2 ended"),
    ]
    assert result.history().individuals[1].attempt == 3
    assert result.history().individuals[1].device_s >= 4.0  # of both attempts that brought nothing
    assert len(executor.forgotten) == 5


@pytest.mark.parametrize(
    ("error", "options", "attempts", "reason"),
    [
        (Lost, {}, 3, r"all of max_attempts=3 attempts ended so"),
        (Interrupted, {"max_interruptions": 4}, 5, r"interrupted more than max_interruptions=4 times"),
        (TimedOut, {}, 1, "without having completed an epoch"),
        (OutOfMemory, {}, 1, "job 7 ended"),
    ],
)
def test_attempts_have_bounds(
    tmp_path: Path, error: type[Exception], options: dict[str, int], attempts: int, reason: str
) -> None:
    script = {f"0:{attempt}": error("job 7 ended\nlog") for attempt in range(1, 60)}
    executor = Scripted(script)
    history = run(tmp_path / "a", executor, **options).history()
    failed = history.individuals[0]
    assert (failed.state, failed.attempt) == ("failed", attempts)
    assert failed.reason is not None
    assert failed.reason.startswith(f"{error.__name__}: job 7 ended")
    assert reason in failed.reason
    assert len(history.told) == 3
    assert [keeps for _, keeps in executor.forgotten].count(True) == 1  # the logs of the last attempt


def test_a_time_limit_is_no_failure_while_epochs_are_completed(tmp_path: Path) -> None:
    class Saves(Scripted):
        def submit(self, fn: Any, *args: Any, label: str = "") -> Any:
            task = args[1]
            if label in ("0:1", "0:2"):
                (task.folder / "last.ckpt").touch()
                assert task.resume_from == (None if label == "0:1" else task.folder.parent / "attempt-1")
            if label == "0:3":
                assert task.resume_from == task.folder.parent / "attempt-2"
                assert not (task.folder.parent / "attempt-1" / "last.ckpt").exists()
            return super().submit(fn, *args, label=label)

    result = run(tmp_path / "a", Saves({f"0:{attempt}": TimedOut("too long") for attempt in (1, 2)}))
    assert len(result.history().told) == 3


def test_restarts_by_the_cluster_count_too(tmp_path: Path) -> None:
    class Restarts(Scripted):
        def submit(self, fn: Any, *args: Any, label: str = "") -> Any:
            job = super().submit(fn, *args, label=label)
            job.restarts = 3 if label == "0:1" else 0
            return job

    executor = Restarts({"0:1": HOLDS})
    history = run(tmp_path / "a", executor, budget=2, max_interruptions=2).history()
    assert [event["restarts"] for event in events(tmp_path / "a", "requeued")] == [3]
    assert history.individuals[0].state == "failed"
    assert history.individuals[0].reason == (
        "Interrupted: job 100 was started again by the cluster, and ended here "
        "(interrupted more than max_interruptions=2 times)"
    )
    assert executor.cluster["100"].cancelled
    assert ("100", True) in executor.forgotten


def test_the_next_driver_attaches_to_jobs_and_ends_strays(tmp_path: Path) -> None:
    executor = Scripted({"1:1": HOLDS}, slots=2)
    with pytest.raises(AssertionError, match="wait for ever"):
        run(tmp_path / "a", executor, budget=2)
    assert events(tmp_path / "a", "submitted")[1]["job"] == "101"
    stray = executor.submit(int, label="2:1")  # its id is in no journal
    stray.ending = HOLDS
    executor.cluster["101"].ending = None
    result = run(tmp_path / "a", executor, budget=2)
    assert executor.ended == [stray.id]
    assert [event["job"] for event in events(tmp_path / "a", "submitted")] == ["100", "101"]  # nothing was repeated
    assert len(result.history().told) == 2


def test_a_result_counts_whatever_the_cluster_says(tmp_path: Path) -> None:
    """An attempt on a node that was believed dead leaves its result beside its successor's."""

    class Zombie(Scripted):
        def submit(self, fn: Any, *args: Any, label: str = "") -> Any:
            if label == "0:1":
                fn(*args)
            return super().submit(fn, *args, label=label)

    history = run(tmp_path / "a", Zombie({"0:1": Lost("job 100 ended")})).history()
    assert history.individuals[0].attempt == 1
    assert not events(tmp_path / "a", "interrupted")


def test_a_cluster_that_takes_no_more_jobs_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_S", 0.01)
    executor = Scripted({"submit 1:1": SubmissionDeferred("AssocMaxSubmitJobLimit")})
    result = run(tmp_path / "a", executor)
    assert len(result.history().told) == 3
    assert result.history().individuals[1].attempt == 1
    assert [event["number"] for event in events(tmp_path / "a", "submitting")] == [0, 1, 1, 2]


def test_a_job_that_is_refused_ends_the_session_and_costs_nothing(tmp_path: Path) -> None:
    executor = Scripted({"submit 1:1": SubmissionRefused("invalid partition specified: nowhere")})
    with pytest.raises(SubmissionRefused, match="nowhere"):
        run(tmp_path / "a", executor)
    assert len(run(tmp_path / "a", executor).history().told) == 3


def test_another_launcher_does_not_start_a_second_attempt_beside_a_job(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="wait for ever"):
        run(tmp_path / "a", Scripted({"0:1": HOLDS}))
    with pytest.raises(UserError, match=r"jobs of scripted: go on with hydra/launcher=scripted.*cancel=true"):
        search(tmp_path / "a", budget=3, executor=lambda _: local_executor(0))


@pytest.mark.parametrize(("name", "value"), [("max_attempts", 0), ("max_attempts", True), ("max_interruptions", -1)])
def test_bounds_are_whole_numbers(name: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"{name} is {value}"):
        Patience(**{name: value})
