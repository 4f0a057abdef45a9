"""Style sheets of figures share one page: no two of them may mean different things by one class."""

import re
from importlib.resources import files

SHARED = {"figure", "dead", "alive", "dense", "chosen", "skips", "others"}  # modifiers, never styled alone


def first_classes(sheet: str) -> set[str]:
    """Classes that a rule of the sheet begins with, outside of `@media`."""
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    selectors = [selector.strip() for rule in re.findall(r"([^{}]+)\{", plain) for selector in rule.split(",")]
    return {found[1] for selector in selectors if (found := re.match(r"\.([\w-]+)(?:$|[ .:\[>])", selector))}


def test_a_class_belongs_to_one_sheet_of_the_figures():
    sheets = {file.name: file.read_text() for file in files("nas.reporting").joinpath("templates/figures").iterdir()}
    owners: dict[str, list[str]] = {}
    for name, sheet in sheets.items():
        for found in first_classes(sheet) - SHARED:
            owners.setdefault(found, []).append(name)
    assert {found: names for found, names in owners.items() if len(names) > 1} == {}
