"""Recipes as the command line composes them."""

from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.training.recipe import Recipe


def recipe(name: str, *overrides: str) -> Recipe:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[f"training={name}", *overrides])
    made = build(config.training, "training")
    assert isinstance(made, Recipe)
    return made
