"""What is made of squeue's and sacct's answers, failures included; the real ones answer in `tests/slurm`."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nas_launchers import slurm
from nas_launchers.mark import comment, marked_label
from nas_launchers.pending import hopeless
from nas_launchers.slurm import Slurm, seconds_of
from nas_launchers.states import GONE, Seen

Says = Callable[..., None]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Lets a command of SLURM's say something, and fail if `code` is not 0."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def let(name: str, out: str = "", err: str = "", code: int = 0) -> None:
        (tmp_path / f"{name}.out").write_text(out)
        (tmp_path / f"{name}.err").write_text(err)
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\ncat {tmp_path}/{name}.out\ncat {tmp_path}/{name}.err >&2\nexit {code}\n")
        script.chmod(0o755)

    return let


def test_the_queue(says: Says) -> None:
    says(
        "squeue",
        "12      |RUNNING  |2   |1-02:03:04  |None       |nas:abc:7:2 my | words     |\n"
        "13      |PENDING  |0   |0:00        |Resources  |(null)                    |\n"
        "slurm_load_jobs error\n",
    )
    assert Slurm().queue() == {
        "12": Seen("RUNNING", "None", 2, 93784.0, "nas:abc:7:2 my | words"),
        "13": Seen("PENDING", "Resources", 0, 0.0, "(null)"),
    }
    says("squeue", err="slurm_load_jobs error: Unable to contact slurm controller", code=1)
    assert Slurm().queue() is None


def test_jobs_that_the_queue_has_forgotten(says: Says) -> None:
    says("sacct", "1|COMPLETED|60\n2|CANCELLED by 1000|5\n3|NODE_FAIL|7\n4|RUNNING|9\n")
    ended = Slurm().ended(["1", "2", "3", "4", "5"])
    assert ended == {
        "1": Seen("COMPLETED", ran_s=60.0),
        "2": Seen("CANCELLED", ran_s=5.0),
        "3": Seen("NODE_FAIL", ran_s=7.0),
        "5": Seen(GONE),
    }  # of 4 more will be known: what still runs is in the queue
    assert Slurm().ended([]) == {}


def test_a_site_without_accounting_knows_nothing(says: Says) -> None:
    says("sacct", err="Slurm accounting storage is disabled", code=1)
    assert Slurm().ended(["1"]) == {"1": Seen(GONE)}


def test_a_sacct_that_fails_is_waited_for_and_not_for_ever(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    says("sacct", err="sacct: error: Problem talking to the database", code=1)
    cluster = Slurm()
    assert cluster.ended(["1"]) == {}
    says("sacct", "1|TIMEOUT|60\n")
    assert cluster.ended(["1"]) == {"1": Seen("TIMEOUT", ran_s=60.0)}
    says("sacct", code=1)
    monkeypatch.setattr(slurm, "PATIENCE_S", 0.0)
    assert cluster.ended(["1"]) == {"1": Seen(GONE)}


@pytest.mark.parametrize(
    ("used", "seconds"),
    [("0:00", 0), ("1:02", 62), ("1:00:02", 3602), ("2-00:00:01", 172801), ("INVALID", 0), ("", 0)],
)
def test_slurms_times(used: str, seconds: float) -> None:
    assert seconds_of(used) == seconds


def test_marks_are_read_back_and_others_ignored() -> None:
    assert marked_label(comment("abc", "7:2"), "abc") == "7:2"
    assert marked_label(comment("abc", "7:2", "my words"), "abc") == "7:2"
    assert marked_label(comment("abc", ""), "abc") == ""
    assert marked_label(comment("abcd", "7:2"), "abc") is None
    assert marked_label("(null)", "abc") is None


def test_reasons_without_hope() -> None:
    assert hopeless("ReqNodeNotAvail, UnavailableNodes:n1") is not None
    assert hopeless("QOSMaxCpuPerJobLimit") is not None
    assert hopeless("launch failed requeued held") is not None
    assert hopeless("Resources") is None
    assert hopeless("QOSMaxJobsPerUserLimit") is None


def test_failures_far_apart_are_not_one_that_lasts(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    says("sacct", code=1)
    cluster = Slurm()
    clock = iter([0.0, 10.0, 10_000.0])
    monkeypatch.setattr(slurm.time, "monotonic", lambda: next(clock))
    assert [cluster.ended(["1"]) for _ in range(3)] == [{}, {}, {}]
