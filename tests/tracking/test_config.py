"""The configuration group `tracker`."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from nas.tracking.wandb_tracker import WandbTracker

CONF = Path(__file__).resolve().parents[2] / "conf"


@pytest.mark.parametrize(("option", "kind"), [("none", None), ("wandb", WandbTracker)])
def test_every_option_makes_its_tracker(option, kind):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose(f"tracker/{option}").get("tracker", {})
    made = instantiate(config)
    assert isinstance(made, kind) if kind else not made


def test_the_options_are_those_of_the_folder():
    assert {path.stem for path in (CONF / "tracker").glob("*.yaml")} == {"none", "wandb"}
