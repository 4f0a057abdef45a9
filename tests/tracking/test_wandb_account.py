"""Keys that are refused, networks that are not there: the run is kept offline, with one sentence."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from wandb_cloud import KEY, Cloud
from wandb_files import inspect, rows, sessions

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.search_spaces.bits import Bits
from nas.tracking import wandb_account
from nas.tracking.base import Tracker
from nas.tracking.wandb_tracker import WandbTracker


def search(folder: Path, mode: str = "auto", before: Tracker | None = None) -> None:
    space = Bits(num_bits=4)
    trackers = [] if before is None else [before]
    tracker = WandbTracker(project="nas", entity=None, group=None, tags=None, mode=mode, children=False)
    trackers.append(tracker)
    run_search(space=space, algorithm=RandomSearch(space), evaluator=sum_of, budget=5, run=folder, trackers=trackers)


def sum_of(genome: tuple[int, ...], seed: int) -> float:
    return float(sum(genome))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield server.getsockname()[1]


def kept_offline(folder: Path, caplog: pytest.LogCaptureFixture, *words: str) -> None:
    """The search was tracked offline, and one line says why."""
    (session,) = sessions(folder)
    assert len(rows(inspect(session))) == 5
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING and one.name.startswith("nas")]
    for word in ("kept offline", *words):
        assert word in record.getMessage()
    assert "\n" not in record.getMessage()
    assert not list(folder.glob("wandb/run-*/*.wandb"))  # what the attempt left is not uploaded either


def test_a_key_without_a_network(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(wandb_account, "INIT_TIMEOUT_S", 1.0)
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    search(tmp_path / "demo")
    kept_offline(tmp_path / "demo", caplog, "cannot be used online")


def test_a_server_that_does_not_answer(tmp_path, monkeypatch, caplog, silent_port):
    monkeypatch.setattr(wandb_account, "INIT_TIMEOUT_S", 1.0)
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{silent_port}")
    search(tmp_path / "demo")
    kept_offline(tmp_path / "demo", caplog)


def test_a_key_that_is_refused(tmp_path, logged_in, caplog, capfd):
    logged_in.key = "another"
    search(tmp_path / "demo")
    kept_offline(tmp_path / "demo", caplog, "401")
    assert capfd.readouterr().err == ""


def test_a_key_that_cannot_be_one(tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("WANDB_API_KEY", "secret")
    search(tmp_path / "demo")
    kept_offline(tmp_path / "demo", caplog, "WANDB_API_KEY invalid")
    assert capfd.readouterr().err == ""


def test_a_server_that_goes_away(tmp_path, monkeypatch, caplog, capfd):
    """The search ends in bounded time; what was not uploaded is in its folder."""
    monkeypatch.setattr(wandb_account, "FINISH_TIMEOUT_S", 2.0)
    monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "1")
    cloud = Cloud()
    monkeypatch.setenv("WANDB_BASE_URL", cloud.url)
    monkeypatch.setenv("WANDB_API_KEY", KEY)

    class GoesAway(Tracker):
        def told(self, individual, progress):
            if progress.told == 1:
                cloud.close()

    with cloud.serving():
        search(tmp_path / "demo", before=GoesAway())
    assert len(History.load(tmp_path / "demo").told) == 5
    (session,) = (tmp_path / "demo" / "wandb").glob("run-2*")
    assert len(rows(inspect(session))) == 5
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING and one.name.startswith("nas")]
    assert "python -m nas.track" in record.getMessage()
    assert capfd.readouterr().err == ""


def test_auto_is_online_with_a_login_alone(tmp_path, monkeypatch):
    assert not wandb_account.is_logged_in()
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {KEY}\n")
    assert wandb_account.is_logged_in()


@pytest.mark.parametrize(("variable", "mode", "offline"), [("dryrun", "auto", True), ("offline", "online", False)])
def test_the_environment_says_what_auto_means(tmp_path, logged_in, monkeypatch, variable, mode, offline):
    monkeypatch.setenv("WANDB_MODE", variable)
    search(tmp_path / "demo", mode)
    assert bool(sessions(tmp_path / "demo")) is offline
    assert bool(logged_in.runs) is not offline
