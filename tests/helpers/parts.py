"""Small parts of a training: digits, tiny networks, one epoch; other values are those of the configuration."""

from functools import cache
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from nas.application import build, config_folder
from nas.search_spaces.cells import Cells

SPACE = Cells(
    ops=("none", "sep_conv_3x3", "avg_pool_3x3"), num_combinations=1, identity_probability=0.05, op_mutation="any"
)


def architect(genome: Any) -> Any:
    return SPACE.architecture(SPACE.from_json(genome))


def dataset(**changes: Any) -> Any:
    return _part("dataset", "digits", {"fraction": 0.1, **changes})


def network(**changes: Any) -> Any:
    return _part("network", "tiny", {"filters": 4, **changes})


def recipe(**changes: Any) -> Any:
    return _part("training", "tiny", {"epochs": 1, **changes})


def hardware(**changes: Any) -> Any:
    return _part("hardware", "cpu", changes)


def _part(group: str, option: str, changes: dict[str, Any]) -> Any:
    return build({**_plain(group, option), **changes}, group)


@cache
def _plain(group: str, option: str) -> dict[str, Any]:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return OmegaConf.to_container(compose("config", overrides=[f"{group}={option}"])[group], resolve=True)
