"""What a run is called in W&B, by where its search lies and what it searches."""

import pytest

from nas.tracking.wandb_names import search_names

IDENTITY = {
    "search_space": {"name": "cells"},
    "algorithm": {"name": "aging"},
    "evaluator": {"name": "train", "dataset": {"name": "cifar10"}},
}


def test_a_search_of_its_own(tmp_path):
    names = search_names(tmp_path / "runs" / "demo", IDENTITY)
    assert (names.name, names.group, names.tags) == ("demo", "cells-cifar10", ["aging", "cells", "cifar10"])


def test_without_a_data_set(tmp_path):
    names = search_names(tmp_path / "demo", {"search_space": {"name": "bits"}, "algorithm": {"name": "random"}})
    assert (names.group, names.tags) == ("bits", ["random", "bits"])


@pytest.mark.parametrize(
    ("folder", "name", "group"),
    [
        ("searches/all/aging-s0", "aging-s0", "compare_small"),
        ("searches/digits/aging-s0", "digits/aging-s0", "compare_small"),
        ("tuning/aging-0-s1000000", "aging-0-s1000000", "compare_small-tuning"),
    ],
)
def test_the_searches_of_a_study_are_its_group(tmp_path, monkeypatch, folder, name, group):
    study = tmp_path / "compare_small"
    (study / folder).mkdir(parents=True)
    (study / "study.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    for place in (study / folder, (study / folder).relative_to(tmp_path)):
        names = search_names(place, IDENTITY)
        assert (names.name, names.group) == (name, group)


def test_a_hostile_name_stays_text(tmp_path):
    assert search_names(tmp_path / "<script>", IDENTITY).name == "<script>"
