"""What every executor must hold."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nas_launchers.executor import Cancelled

from nas.testing.rules import rule


def double(value: int) -> int:
    return 2 * value


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def refuse(value: int) -> int:
    raise ValueError(f"{value} is refused")


class ExecutorSuite(ABC):
    """Subclass it as `TestMyExecutor`."""

    @abstractmethod
    def make(self, folder: Path) -> Any:
        """The executor under test; `folder` is the run folder."""

    @pytest.fixture
    def executor(self, tmp_path: Path) -> Iterator[Any]:
        made = self.make(tmp_path)
        yield made
        made.shutdown(cancel=True)

    @rule("a submitted function gives its result")
    def test_results_come_back(self, executor: Any) -> None:
        jobs = [executor.submit(double, number) for number in range(4)]
        assert [job.result() for job in jobs] == [0, 2, 4, 6]
        assert all(job.done() for job in jobs)

    @rule("wait returns once a job is done")
    def test_waiting_ends_with_the_first_that_is_done(self, executor: Any) -> None:
        job = executor.submit(double, 1)
        while not job.done():
            executor.wait([job], 30.0)
        assert job.result() == 2

    @rule("a job that raises gives that exception from result()")
    def test_an_exception_comes_back_as_itself(self, executor: Any) -> None:
        with pytest.raises(ValueError, match="3 is refused"):
            executor.submit(refuse, 3).result()

    @rule("a failed job frees its slot")
    def test_it_goes_on_after_a_failure(self, executor: Any) -> None:
        with pytest.raises(ValueError, match="refused"):
            executor.submit(refuse, 3).result()
        assert executor.submit(double, 4).result() == 8

    @rule("there is at least one slot, and more jobs than slots wait their turn")
    def test_more_jobs_than_slots_wait_their_turn(self, executor: Any) -> None:
        assert executor.slots >= 1
        jobs = [executor.submit(double, number) for number in range(3 * executor.slots + 1)]
        assert [job.result() for job in jobs] == [2 * number for number in range(3 * executor.slots + 1)]

    @rule("waiting for no job returns at once")
    def test_waiting_for_nothing_returns(self, executor: Any) -> None:
        executor.wait([], 30.0)

    @rule("a job that is done keeps its result when it is cancelled")
    def test_a_job_that_is_done_may_be_cancelled(self, executor: Any) -> None:
        job = executor.submit(double, 1)
        assert job.result() == 2
        job.cancel()
        assert job.result() == 2

    @rule("cancel ends what runs, which then raises Cancelled, and frees its slot")
    def test_cancelling_ends_what_runs_and_frees_its_slot(self, executor: Any) -> None:
        if executor.inline:
            pytest.skip("an inline job is done when it is submitted")
        jobs = [executor.submit(sleep, 3600.0) for _ in range(executor.slots)]
        for job in jobs:
            job.cancel()
        for job in jobs:
            with pytest.raises(Cancelled):
                job.result()
        assert executor.submit(double, 4).result() == 8

    @rule("shutdown(cancel=True) ends what runs")
    def test_shutting_down_ends_what_runs(self, executor: Any) -> None:
        if executor.inline:
            pytest.skip("an inline job is done when it is submitted")
        job = executor.submit(sleep, 3600.0)
        executor.shutdown(cancel=True)
        assert job.done()

    @rule("it may be shut down twice")
    def test_it_may_be_shut_down_twice(self, tmp_path: Path) -> None:
        executor = self.make(tmp_path)
        executor.shutdown(cancel=True)
        executor.shutdown(cancel=True)
