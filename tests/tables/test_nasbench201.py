"""Official files, converted: every number by hand, all three forms alike, and what is refused."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from official import EXTENSION, both, write_folder, write_pickle, write_single, write_torch

from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.table import TableEvaluator
from nas.search_spaces.nasbench201 import OPS, NasBench201
from nas.tables.arrays import write_arrays
from nas.tables.nasbench201 import _classes, convert_official
from tests.helpers.tables import tables

TEXTS = [  # the first three of the benchmark's order
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
]
_DATA = {"cifar10-valid": 0, "cifar10": 1, "cifar100": 2, "ImageNet16-120": 3}
_PART = {"x-valid": 0.0, "x-test": 0.25, "ori-test": 0.5}


def accuracy(index: int, epochs: int, data: str, seed: int, part: str) -> float:
    """Another number for each: the seeds' mean lies 2 above the first seed's with three seeds, 1 with two."""
    return 20.0 * _DATA[data] + 5 * index + _PART[part] + 2 * (777, 888, 999).index(seed) + (epochs == 200)


def test_every_number_is_the_one_that_the_authors_mean(tmp_path: Path) -> None:
    found = convert_official(write_folder(tmp_path / "NATS-tss-v1_0-3ffb9-simple", TEXTS, accuracy))
    assert found["ops"].tolist() == [[4, 2, 1, 2, 1, 1], [3, 3, 4, 1, 3, 1], [0] * 6]
    assert found["op_names"].tolist() == list(OPS)
    assert found["n_seeds"].tolist() == [3, 3, 3]
    row = np.arange(3)
    expected = {
        "cifar10_valid_200": 3 + 5 * row,  # trained on the training part alone, seeds 1, 3, 5
        "cifar10_test_200": 23.5 + 5 * row,  # trained on training and validation part
        "cifar10_valid_12": 1 + 5 * row,  # seeds 0 and 2
        "cifar10_test_12": 20.5 + 5 * row,  # one seed
        "cifar100_valid_200": 43 + 5 * row,
        "cifar100_test_200": 43.25 + 5 * row,
        "cifar100_valtest_200": 43.5 + 5 * row,
        "cifar100_valid_12": 40 + 5 * row,
        "cifar100_test_12": 40.25 + 5 * row,
        "in16_valid_200": 63 + 5 * row,
        "in16_test_200": 63.25 + 5 * row,
        "in16_valtest_200": 63.5 + 5 * row,
        "in16_valid_12": 60 + 5 * row,
        "in16_test_12": 60.25 + 5 * row,
        "cifar10_train_s_200": 200 * (row + 1),
        "cifar100_train_s_200": 400 * (row + 1),
        "in16_train_s_200": 200 * (row + 1) * 6.068,
    }
    for data in ("cifar10", "cifar100", "in16"):
        expected[f"{data}_params_m"] = 0.1 * (row + 1)
        expected[f"{data}_flops_m"] = 15 + row
    for name, values in expected.items():
        assert found[name] == pytest.approx(np.asarray(values, float)), name
    assert found["cifar10_valid_200_seeds"].tolist() == [[1, 3, 5], [6, 8, 10], [11, 13, 15]]
    assert found["cifar100_valtest_200_seeds"][0].tolist() == [41.5, 43.5, 45.5]
    assert found["in16_valtest_200_seeds"][2].tolist() == [71.5, 73.5, 75.5]
    assert set(found) == {
        *expected,
        *("ops", "op_names", "n_seeds", "iso_class"),
        *("cifar10_valid_200_seeds", "cifar100_valtest_200_seeds", "in16_valtest_200_seeds"),
    }


def test_all_forms_hold_the_same(tmp_path: Path) -> None:
    folder = convert_official(write_folder(tmp_path / "NATS-tss-v1_0-3ffb9-simple", TEXTS, accuracy))
    single = convert_official(write_single(tmp_path / f"NATS-tss-v1_0-3ffb9{EXTENSION}", TEXTS, accuracy))
    path = write_torch(tmp_path / "NAS-Bench-201-v1_1-096897.pth", TEXTS, accuracy)
    old = convert_official(path)
    torch.save(torch.load(path, weights_only=False), path)  # as a torch of today writes it
    for other in (single, old, convert_official(path)):
        assert other.keys() == folder.keys()
        for name, array in folder.items():
            assert array.dtype == other[name].dtype
            assert np.array_equal(array, other[name]), name


def test_the_arrays_are_those_of_the_real_table(tmp_path: Path) -> None:
    found = convert_official(write_folder(tmp_path / "made", TEXTS, accuracy))
    with np.load(tables() / "nasbench201.npz") as real:
        assert set(found) == set(real.files)
        for name in real.files:
            assert (found[name].dtype, found[name].shape[1:]) == (real[name].dtype, real[name].shape[1:]), name
        ops = [tuple(OPS[op] for op in row) for row in real["ops"].tolist()]
        assert np.array_equal(_classes(ops), real["iso_class"])
        assert real["ops"][:2].tolist() == found["ops"][:2].tolist()


def test_a_converted_table_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "nasbench201.npz"
    write_arrays(path, convert_official(write_folder(tmp_path / "made", TEXTS, accuracy)))
    space = NasBench201()
    table = TableEvaluator(space=space, path=str(path), data="cifar100", epochs=12, seeds="mean", evaluation_s=2.5)
    metrics = table.evaluate(Task(0, space.from_json(TEXTS[1]), 1))
    assert metrics["valid_accuracy"] == pytest.approx(0.45)
    assert metrics["simulated_s"] == pytest.approx(800 * 12 / 200 + 2.5)
    assert metrics["parameters"] == 200_000
    with pytest.raises(UserError, match=r"not in the table: .* holds 3 of 15,625"):
        table.evaluate(Task(0, (1, 1, 1, 1, 1, 1), 1))


def test_fewer_seeds_are_padded_and_costs_that_disagree_are_seed_888s(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "made", TEXTS, accuracy)
    content = both(TEXTS[1], 1, accuracy)
    del content["200"]["all_results"]["cifar10-valid", 999]
    content["200"]["dataset_seed"]["cifar10-valid"] = [888, 777]
    content["200"]["all_results"]["cifar10-valid", 888]["flop"] = 99.0
    write_pickle(folder / f"000001{EXTENSION}", content)
    found = convert_official(folder)
    assert found["n_seeds"].tolist() == [3, 2, 3]
    assert found["cifar10_valid_200_seeds"][1, :2].tolist() == [6, 8]
    assert np.isnan(found["cifar10_valid_200_seeds"][1, 2])
    assert found["cifar10_valid_200"][1] == 7
    assert found["cifar10_flops_m"].tolist() == [15, 99, 17]


class Marker:
    """Its pickle makes a folder when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "executed")
    folder = write_folder(tmp_path / "made", TEXTS, accuracy)
    write_pickle(folder / f"000002{EXTENSION}", {"12": {}, "200": marker})
    refused = rf"no pickle of plain data \(it names {os.mkdir.__module__}\.mkdir\)"
    with pytest.raises(UserError, match=rf"000002.* {refused}"):
        convert_official(folder)
    for is_zip in (False, True):
        content = {"meta_archs": TEXTS, "arch2infos": marker}
        torch.save(content, tmp_path / "bad.pth", _use_new_zipfile_serialization=is_zip)
        with pytest.raises(UserError, match=refused):
            convert_official(tmp_path / "bad.pth")
    assert not marker.path.exists()
    pickle.loads(pickle.dumps(marker))
    assert marker.path.exists()  # the trap itself works


def test_bad_files_are_one_sentence(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "made", TEXTS, accuracy)
    third = folder / f"000002{EXTENSION}"
    whole = third.read_bytes()

    def refused(sentence: str, path: Path = folder) -> None:
        with pytest.raises(UserError, match=sentence):
            convert_official(path)

    third.write_bytes(whole[:-100])
    refused("000002.* cannot be read")
    third.write_bytes(b"no bzip2")
    refused("000002.* cannot be read")
    content = both(TEXTS[2], 2, accuracy)
    content["12"]["all_results"]["cifar100", 777]["eval_acc1es"].pop("x-valid@11")
    write_pickle(third, content)
    refused("lacks 'x-valid@11' of architecture 2")
    content = both(TEXTS[2], 2, accuracy)
    content["200"]["all_results"]["cifar10-valid", 777]["train_times"] = None  # as in v1_0
    write_pickle(third, content)
    refused("architecture 2; NATS-tss-v1_0-3ffb9 and")
    write_pickle(third, {"200": {}})
    refused("lacks the results of architecture 2 after 12 epochs")
    third.unlink()
    refused("there is no file .*000002")
    write_pickle(folder / f"meta{EXTENSION}", {"meta_archs": [TEXTS[0], TEXTS[0]]})
    (folder / f"000001{EXTENSION}").write_bytes((folder / f"000000{EXTENSION}").read_bytes())
    refused("an architecture twice")
    write_pickle(folder / f"meta{EXTENSION}", {"meta_archs": ["8:8:16:16:32"]})  # the size benchmark
    refused("no topology benchmark")
    refused("is no benchmark: it must be a folder", tmp_path / "nowhere")
    refused("there is no file", tmp_path / "nowhere.pth")
    torch.save({"meta_archs": TEXTS, "arch2infos": {0: torch.zeros(2)}}, tmp_path / "weights.pth")
    refused("take the archive without weights", tmp_path / "weights.pth")
    (tmp_path / "empty.pth").write_bytes(b"")
    refused("empty.pth cannot be read", tmp_path / "empty.pth")
