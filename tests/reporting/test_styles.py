"""Style sheets share one page: no two of them may mean different things by one class."""

import re
from importlib.resources import files

import pytest

# By folder, classes that several sheets may begin a rule with: what only sharpens a class of the first sheet.
SHARED = {
    "figures": {"figure", "dots"},
    "report": {"plot", "columns", "panel", "tabs", "scroll", "pairs", "hint", "link"},
}


def first_classes(sheet: str) -> set[str]:
    """Classes that a rule of the sheet begins with, outside of `@media`."""
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    selectors = [selector.strip() for rule in re.findall(r"([^{}]+)\{", plain) for selector in rule.split(",")]
    return {found[1] for selector in selectors if (found := re.match(r"\.([\w-]+)(?:$|[ .:\[>])", selector))}


@pytest.mark.parametrize("folder", ["figures", "report"])
def test_a_class_belongs_to_one_sheet(folder):
    owners: dict[str, list[str]] = {}
    for file in files("nas.reporting").joinpath("templates", folder).iterdir():
        if file.name.endswith(".css"):
            for found in first_classes(file.read_text()) - SHARED[folder]:
                owners.setdefault(found, []).append(file.name)
    assert len(owners) > 20
    assert {found: names for found, names in owners.items() if len(names) > 1} == {}
