"""What a child has of its parent, from files alone and in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from nas.search_spaces.dna_graph import Dna
from nas.search_spaces.dna_mutations import NotApplicable
from nas.training.inheritance import WeightsUnusable, inherit, load_weights, save_weights, variables
from tests.test_contracts import composed

SPACE: Any = composed("search_space", "search_space=dna")
SPEC: Any = composed("network", "network=dna")
SHAPE, CLASSES, STEPS = (3, 8, 8), 4, 200

CHILD = """
import json, sys
import torch
from tests.training.test_inheritance import CHILD_SEED, SPEC, SHAPE, CLASSES, images
from nas.training.inheritance import inherit, load_weights
torch.set_num_threads(1)
torch.manual_seed(CHILD_SEED)
network = SPEC.build(json.load(open(sys.argv[1])), SHAPE, CLASSES)
shares = inherit(network, load_weights(__import__("pathlib").Path(sys.argv[2]))[0])
torch.save((network.eval()(images()), list(shares)), sys.argv[3])
"""
CHILD_SEED = 99


def images() -> torch.Tensor:
    return torch.randn(16, *SHAPE, generator=torch.Generator().manual_seed(5)) * 2 + 1


def parent() -> Dna:
    """Two convolutions with batch norms, a linear vertex, a one-to-one and a skip."""
    rng = Random(3)
    dna = SPACE.initial(rng)
    for name in ("insert_convolution", "insert_convolution", "insert_convolution", "insert_one_to_one", "add_skip"):
        dna, _ = SPACE.mutations[name](dna, rng)
    assert {vertex.type for vertex in dna.vertices[1:-1]} == {"linear", "bn_relu"}
    return dna


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dna, torch.nn.Module, Path]:
    """A parent after 200 steps, so that its batch norms have moved, and its file."""
    torch.manual_seed(1)
    dna = parent()
    network = SPEC.build(SPACE.architecture(dna), SHAPE, CLASSES)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    for _ in range(STEPS):
        optimizer.zero_grad()
        batch = torch.randn(16, *SHAPE) * 2 + 1
        labels = (batch.mean((1, 2, 3)) * 8).long().clamp(0, CLASSES - 1)
        torch.nn.functional.cross_entropy(network(batch), labels).backward()
        optimizer.step()
    moved = [norm.running_mean.abs().max() for norm in network.norms.values()]
    assert moved
    assert min(moved) > 0.01
    path = tmp_path_factory.mktemp("weights") / "000000.pt"
    save_weights(network, path, {"kept": "beside"})
    return dna, network, path


@pytest.mark.parametrize("name", ["identity", "alter_learning_rate"])
def test_a_child_in_a_fresh_process_computes_the_very_same(name: str, trained: Any, tmp_path: Path) -> None:
    dna, network, path = trained
    child, _ = SPACE.mutations[name](dna, Random(0))
    genome, out = tmp_path / "dna.json", tmp_path / "out.pt"
    genome.write_text(json.dumps(SPACE.to_json(child)))
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", CHILD, str(genome), str(path), str(out)], check=True, cwd=root, timeout=120)
    logits, shares = torch.load(out)
    torch.set_num_threads(1)
    assert torch.equal(logits, network.eval()(images()).detach())
    assert shares == [1.0, 1.0]


def copied(dna: Dna, name: str, trained: Any, rng: Random) -> tuple[Dna, set[str], set[str]]:
    """The child of a mutation, the names of its variables that equal its parent's, and of those that do not."""
    child, _ = SPACE.mutations[name](dna, rng)
    torch.manual_seed(CHILD_SEED)
    network = SPEC.build(SPACE.architecture(child), SHAPE, CLASSES)
    fresh = {key: value.clone() for key, value in variables(network).items()}
    there, _ = load_weights(trained[2])
    inherit(network, there)
    own = variables(network)
    same = {key for key, value in own.items() if key in there and torch.equal(value, there[key])}
    assert all(torch.equal(own[key], fresh[key]) for key in own.keys() - same)
    return child, same, own.keys() - same


def expected(dna: Dna, child: Dna) -> set[str]:
    """By the rule of the paper, from the plans alone: variables of equal id and equal shape."""
    from nas.search_spaces.dna_shapes import plan_dna

    def shapes(of: Dna) -> dict[str, tuple[Any, ...]]:
        plan = plan_dna(of, SHAPE)
        found: dict[str, tuple[Any, ...]] = {}
        for planned in plan:
            for edge in planned.in_edges:
                if edge.conv is not None:
                    conv = edge.conv
                    found[f"convs.{conv.id}.weight"] = (conv.in_channels, conv.out_channels, conv.kernel)
            if planned.vertex.type == "bn_relu":
                for part in ("weight", "bias", "running_mean", "running_var"):
                    found[f"norms.{planned.vertex.id}.{part}"] = (planned.shape.channels,)
        found[f"classifier.{of.classifier_id}.weight"] = (plan[-1].shape.channels,)
        found[f"classifier.{of.classifier_id}.bias"] = ()
        return found

    before, after = shapes(dna), shapes(child)
    return {key for key, shape in after.items() if before.get(key) == shape}


@pytest.mark.parametrize("name", sorted(SPACE.mutations))
def test_after_each_mutation_the_expected_variables_are_inherited(name: str, trained: Any) -> None:
    dna = trained[0]
    lost = set()
    for seed in range(20):
        child, same, fresh = copied(dna, name, trained, Random(1000 + seed))
        assert same == expected(dna, child)
        lost |= fresh
    keeps_all = {"identity", "alter_learning_rate", "alter_stride", "add_skip", "remove_skip"}
    if name in keeps_all | {"remove_convolution"}:
        assert not lost  # every convolution here keeps the number of channels
    if name == "reset_weights":
        assert not same
    if name == "filter_size":
        assert {key.split(".")[0] for key in lost} == {"convs"}


def test_filter_size_loses_the_mutated_convolution_only(trained: Any) -> None:
    dna = trained[0]
    for seed in range(20):
        child, _, fresh = copied(dna, "filter_size", trained, Random(1000 + seed))
        changed = [
            edge.conv.id
            for edge, before in zip(child.edges, dna.edges, strict=True)
            if edge.conv and before.conv and edge.conv.kernel != before.conv.kernel
        ]
        assert fresh == {f"convs.{name}.weight" for name in changed}


def test_momentum_and_counters_are_not_in_the_file(trained: Any) -> None:
    names, about = load_weights(trained[2])
    assert about == {"kept": "beside"}
    assert {name.split(".")[-1] for name in names} == {"weight", "bias", "running_mean", "running_var"}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "text", "list"])
def test_a_file_that_is_damaged_is_said_to_be(damage: str, trained: Any, tmp_path: Path) -> None:
    path = tmp_path / "000000.pt"
    content = trained[2].read_bytes()
    if damage == "list":
        torch.save([1, 2], path)
    elif damage != "missing":
        flipped = bytes([*content[:200], content[200] ^ 255, *content[201:]])
        damaged = {"empty": b"", "cut": content[:300], "flipped": b"x" + flipped[1:], "text": b"weights"}
        path.write_bytes(damaged[damage])
    with pytest.raises(WeightsUnusable, match=r"000000\.pt"):
        load_weights(path)


def test_a_reset_child_inherits_nothing_however_equal_it_looks(trained: Any) -> None:
    dna = trained[0]
    child = SPACE.renewed(dna, Random(1000))
    assert child == dna
    assert not set(child.ids()) & set(dna.ids())


def test_what_does_not_apply_says_so() -> None:
    seed = SPACE.initial(Random(0))
    for name in SPACE.mutations.keys() - {
        "identity",
        "reset_weights",
        "alter_learning_rate",
        "insert_convolution",
        "insert_one_to_one",
    }:
        with pytest.raises(NotApplicable):
            SPACE.mutations[name](seed, Random(0))
