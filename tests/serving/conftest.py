"""Searches and servers that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watched import Replay, Search, Server


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Callable[..., Search]]:
    searches: list[Search] = []

    def begin(name: str = "demo", evaluations: int = 60, *overrides: str) -> Search:
        searches.append(Search(tmp_path / "runs", name, evaluations, *overrides))
        return searches[-1]

    yield begin
    for each in searches:
        each.process.kill()
        each.process.wait()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(run: Path, *overrides: str) -> Server:
        servers.append(Server(run, *overrides))
        return servers[-1]

    yield begin
    for each in servers:
        each.process.kill()
        each.process.communicate()


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Replay]:
    replayed = Replay(tmp_path / "demo")
    yield replayed
    replayed.lock.release()
