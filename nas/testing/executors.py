"""What every executor must hold."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def double(value: int) -> int:
    return 2 * value


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

    def test_results_come_back(self, executor: Any) -> None:
        jobs = [executor.submit(double, number) for number in range(4)]
        assert [job.result() for job in jobs] == [0, 2, 4, 6]
        assert all(job.done() for job in jobs)

    def test_waiting_ends_with_the_first_that_is_done(self, executor: Any) -> None:
        job = executor.submit(double, 1)
        while not job.done():
            executor.wait([job], 30.0)
        assert job.result() == 2

    def test_an_exception_comes_back_as_itself(self, executor: Any) -> None:
        with pytest.raises(ValueError, match="3 is refused"):
            executor.submit(refuse, 3).result()

    def test_it_goes_on_after_a_failure(self, executor: Any) -> None:
        with pytest.raises(ValueError, match="refused"):
            executor.submit(refuse, 3).result()
        assert executor.submit(double, 4).result() == 8

    def test_it_may_be_shut_down_twice(self, tmp_path: Path) -> None:
        executor = self.make(tmp_path)
        executor.shutdown(cancel=True)
        executor.shutdown(cancel=True)
