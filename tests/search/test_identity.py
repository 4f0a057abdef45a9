"""What makes a search another one, and what does not."""

import functools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from searches import SPACE, aging, search

from nas import run_search
from nas.algorithms.random_search import RandomSearch
from nas.data.arrays import ArraysDataset
from nas.errors import UserError
from nas.evaluators.toy import Toy
from nas.search.identity import differences, digest, identity_of, plain_json


@dataclass(frozen=True)
class Part:
    """A component as the contracts describe it."""

    rate: float = 0.1
    sizes: tuple[int, ...] = (1, 2)
    root: str = field(default="here", metadata={"identity": False})
    made: int = field(default=0, init=False)
    name = "part"


def test_a_parts_identity_is_its_init_fields_without_those_that_change_no_number() -> None:
    assert identity_of(Part()) == {"name": "part", "rate": 0.1, "sizes": [1, 2]}
    assert identity_of(Part(root="there")) == identity_of(Part())


def twice(value: int, factor: int = 2) -> int:
    return value * factor


def test_other_values_have_a_plain_form() -> None:
    assert identity_of({"a": (1, None, True)}) == {"a": [1, None, True]}
    assert identity_of(np.float64(0.5)) == 0.5
    assert identity_of(twice).endswith(".twice")
    three, four = functools.partial(twice, factor=3), functools.partial(twice, factor=4)
    assert identity_of(three) != identity_of(four)
    with pytest.raises(UserError, match="give it a method identity"):
        identity_of(object())
    with pytest.raises(UserError, match="not finite"):
        plain_json({"rate": float("nan")})


def test_differences_are_named_key_by_key_and_parts_of_another_kind_as_a_whole() -> None:
    there = {"seed": 0, "algorithm": {"name": "aging", "size": 5}, "training": {"name": "recipe", "lr": 0.1, "old": 1}}
    here = {"seed": 1, "algorithm": {"name": "random"}, "training": {"name": "recipe", "lr": 0.2}}
    assert differences(there, there) == []
    assert differences(there, here) == [
        "algorithm ('aging' there, 'random' here)",
        "seed (0 there, 1 here)",
        "training.lr (0.1 there, 0.2 here)",
        "training.old (1 there, 'nothing' here)",
    ]


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})


def images(path: Path, seed: int) -> ArraysDataset:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 255, (40, 8, 8), dtype=np.uint8), np.arange(40) % 2
    np.savez(path, x_train=x, y_train=y, x_test=x[:10], y_test=y[:10])
    return ArraysDataset(
        path=str(path), image_size=None, fraction=1.0, num_valid=10, num_selection=0, split_seed=0, flip=False
    )


def test_data_is_known_by_its_content_and_not_by_its_path(tmp_path: Path) -> None:
    one, copy, other = (images(tmp_path / f"{name}.npz", seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    assert identity_of(one) == identity_of(copy) != identity_of(other)
    assert str(tmp_path) not in str(identity_of(one))
    assert identity_of(one) != identity_of(replace(one, split_seed=1))


TOY = Toy(space=SPACE, noise=0.01, counted=1)


def named(folder: Path, **changes: Any) -> str:
    parts = {"space": SPACE, "algorithm": aging(), "evaluator": TOY, "budget": 3, "runs_dir": folder}
    return run_search(**(parts | changes)).folder.name


def test_the_default_name_says_what_is_searched_and_changes_with_it(tmp_path: Path) -> None:
    name = named(tmp_path)
    assert name.startswith("aging-bits-s0-")
    same: list[dict[str, Any]] = [{"budget": 5}, {"workers": 2}, {"max_failures": 3}, {"keep_children": 1}]
    assert {named(tmp_path, **changes) for changes in same} == {name}
    changed: list[dict[str, Any]] = [
        {"seed": 1},
        {"order": "number"},
        {"order": "number", "workers": 2},
        {"algorithm": aging(sample_size=4)},
        {"algorithm": RandomSearch},
        {"evaluator": replace(TOY, noise=0.02)},
    ]
    names = [named(tmp_path, **changes) for changes in changed]
    assert len({name, *names}) == 1 + len(changed)


def test_a_number_of_workers_is_another_search_in_number_order_alone(tmp_path: Path) -> None:
    search(tmp_path / "a", order="number")
    assert search(tmp_path / "a", order="number", workers=1).reason == "finished"  # one at a time either way
    with pytest.raises(UserError, match=r"differs in workers \(1 there, 2 here\)"):
        search(tmp_path / "a", order="number", workers=2)
