"""How many children run at once, and what is refused before any process starts."""

from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.errors import UserError


def hardware(*overrides: str) -> Any:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=list(overrides))
    return build(config.hardware, "hardware")


@pytest.mark.parametrize(
    ("overrides", "num_gpus", "expected"),
    [
        ([], 4, 4),
        (["hardware.devices=2"], 4, 2),
        (["hardware.children_per_device=3"], 4, 12),
        (["hardware.children_per_device=2", "hardware.devices=2"], 5, 4),
        (["hardware.children_per_device=2", "hardware.workers=3"], 4, 3),
        (["hardware=cpu", "hardware.children_per_device=2", "hardware.threads=10000"], 4, 1),
    ],
)
def test_workers(overrides: list[str], num_gpus: int, expected: int) -> None:
    assert hardware(*overrides).worker_count(num_gpus) == expected


def test_more_devices_than_exist() -> None:
    with pytest.raises(UserError, match=r"hardware\.devices is 3, there are 2 GPUs here"):
        hardware("hardware.devices=3").check_devices(2)
    with pytest.raises(UserError, match=r"hardware\.devices is 999, there are \d+ CPU cores here"):
        hardware("hardware.devices=999").check_devices(0)
    with pytest.raises(UserError, match=r"hardware\.devices is 1, there are 0 GPUs here"):
        hardware("hardware=gpu").check_devices(0)


@pytest.mark.parametrize("key", ["accumulate", "children_per_device", "devices"])
def test_counts(key: str) -> None:
    with pytest.raises(UserError, match=rf"hardware\.{key} is 0, it must be a whole number of at least 1"):
        hardware(f"hardware.{key}=0")


def test_compile_is_a_truth_value() -> None:
    with pytest.raises(UserError, match=r"hardware\.compile is 'maybe', it must be true or false"):
        hardware("hardware.compile=maybe")
