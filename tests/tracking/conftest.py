"""W&B without an account: nobody is logged in on this machine, whoever runs the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from wandb_cloud import KEY, Cloud

VARIABLES = (
    "WANDB_API_KEY",
    "WANDB_MODE",
    "WANDB_BASE_URL",
    "WANDB_RUN_ID",
    "WANDB_PROJECT",
    "WANDB_ENTITY",
    "WANDB_SWEEP_ID",
    "WANDB_SWEEP_PARAM_PATH",
    "WANDB_DIR",
    "WANDB_SERVICE",
)


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "wandb-config"))
    yield
    import wandb

    wandb.teardown()  # each test has settings of its own


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A stand-in for W&B's server."""
    with Cloud().serving() as serving:
        yield serving


@pytest.fixture
def logged_in(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The stand-in, with somebody logged in."""
    monkeypatch.setenv("WANDB_BASE_URL", cloud.url)
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    return cloud
