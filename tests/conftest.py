"""How tests share several processes (`pytest -n 2 --dist loadgroup`): whole files stay together, and so do all tests of
the cluster, which comes first as it mostly waits."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: group_of(item) != "slurm")


def group_of(item: pytest.Item) -> str:
    path = item.path.relative_to(HERE)
    return "slurm" if path.parts[0] == "slurm" else str(path)
