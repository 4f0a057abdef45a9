"""Every command of the documents composes: no option, group or key that does not exist."""

import re
from pathlib import Path

import pytest
from documents import PAGES, ROOT, python_commands
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nas.application import config_folder

OWN = {"hydra/launcher=mine": "hydra/launcher=slurm_site_example", "hardware=mine": "hardware=site_example"}
OWN_FOLDER = "my_conf"  # a page makes it and runs the command (test_blocks.py), or says what that needs
COMMANDS = sorted({tuple(words[2:]) for page in PAGES for words in python_commands(page) if OWN_FOLDER not in words})


def config_name(module: str) -> str:
    source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text()
    (name,) = re.findall(r'run_application\(\w+, "(\w+)"\)', source)
    return name


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_composes(command):
    module, *words = command
    overrides = ["hydra.searchpath=[file://examples/plugin/conf]"] if "--config-dir" in words else []
    for override in OverridesParser.create().parse_overrides([OWN.get(word, word) for word in words if "=" in word]):
        value = next(override.sweep_string_iterator()) if override.is_sweep_override() else None
        line = override.input_line or ""
        overrides.append(line if value is None else f"{override.get_key_element()}={value}")
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        assert compose(config_name(module), overrides=overrides, return_hydra_config=True)
