"""The NASNet cell space: genomes, the paper's mutation rules, plain data, and refusals."""

import json
import os
import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from nas.errors import UserError
from nas.search_spaces.cell_architecture import OPS, parse_architecture, unused_states
from nas.search_spaces.cells import Cells

SP_I = Cells(
    ops=(
        "none",
        "sep_conv_3x3",
        "sep_conv_5x5",
        "sep_conv_7x7",
        "avg_pool_3x3",
        "max_pool_3x3",
        "dil_sep_conv_3x3",
        "conv_1x7_7x1",
    ),
    num_combinations=5,
    identity_probability=0.05,
    op_mutation="any",
)
SP_II = replace(SP_I, ops=OPS)
SP_III = replace(SP_II, num_combinations=15)
SPACES = pytest.mark.parametrize("space", [SP_I, SP_II, SP_III], ids=["SP-I", "SP-II", "SP-III"])

# 99.9 % points of the chi-square distribution, by degrees of freedom.
CHI_SQUARE_LIMIT = {2: 13.82, 6: 22.46, 7: 24.32, 8: 26.12, 19: 43.82}


def chi_square(counts: Counter[object], shares: dict[object, float]) -> float:
    total = sum(counts.values())
    assert counts.keys() <= shares.keys()
    return sum((counts[key] - total * share) ** 2 / (total * share) for key, share in shares.items())


def differing(first: tuple[int, ...], second: tuple[int, ...]) -> list[int]:
    return [at for at, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]


@SPACES
def test_initial_genomes_are_valid_and_of_the_right_length(space):
    rng = Random(0)
    for _ in range(200):
        genome = space.initial(rng)
        space.validate(genome)
        assert len(genome) == 8 * space.num_combinations
        assert space.validate(space.mutate(genome, rng)[0]) is None


def test_initial_is_uniform_over_every_choice():
    rng = Random(1)
    genomes = [SP_I.initial(rng) for _ in range(4000)]
    for at, choice in enumerate(SP_I.choices):
        counts = Counter(genome[at] for genome in genomes)
        num_options = len(choice.options)
        assert set(counts) == set(range(num_options))
        assert chi_square(counts, dict.fromkeys(range(num_options), 1 / num_options)) < 3.5 * num_options + 12


def test_the_space_has_as_many_genotypes_as_published():
    per_cell = 1
    for choice in SP_I.choices[: len(SP_I.choices) // 2]:
        per_cell *= len(choice.options)
    assert per_cell == 720**2 * 8**10
    assert f"{per_cell:.2e}" == "5.57e+14"


def test_shares_of_the_three_mutations():
    rng, genome = Random(2), SP_I.initial(Random(0))
    counts = Counter(SP_I.mutate(genome, rng)[1].name for _ in range(40_000))
    assert chi_square(counts, {"identity": 0.05, "hidden_state": 0.475, "op": 0.475}) < CHI_SQUARE_LIMIT[2]


@pytest.mark.parametrize("name", ["hidden_state", "op"])
def test_cell_combination_and_element_are_uniform(name):
    rng, genome = Random(3), SP_I.initial(Random(0))
    mutations = [SP_I.mutate(genome, rng)[1] for _ in range(20_000)]
    places = Counter(
        (mutation.details["cell"], mutation.details["combination"], mutation.details["element"])
        for mutation in mutations
        if mutation.name == name
    )
    shares = {
        (cell, combination, element): 1 / 20
        for cell in ("normal", "reduction")
        for combination in range(5)
        for element in (0, 1)
    }
    assert chi_square(places, shares) < CHI_SQUARE_LIMIT[19]


@SPACES
def test_a_mutation_changes_what_its_details_say_and_nothing_else(space):
    rng = Random(4)
    genome = space.initial(rng)
    for _ in range(3000):
        before = tuple(genome)
        child, mutation = space.mutate(genome, rng)
        assert genome == before
        space.validate(child)
        changed = differing(genome, child)
        details = mutation.details
        if mutation.name == "identity":
            assert child == genome
            assert details == {}
        else:
            cell = ("normal", "reduction").index(details["cell"])
            at = (cell * space.num_combinations + details["combination"]) * 4 + 2 * details["element"]
            old, new = details["from"], details["to"]
            if mutation.name == "hidden_state":
                assert changed == [at]
                assert (genome[at], child[at]) == (old, new)
                assert old != new
                assert 0 <= new < details["combination"] + 2  # the own state's number: no loops
            else:
                assert mutation.name == "op"
                assert changed in ([], [at + 1])
                assert (space.ops[genome[at + 1]], space.ops[child[at + 1]]) == (old, new)
            assert all(type(value) in (str, int) for value in details.values())
        genome = child


def test_a_new_hidden_state_is_uniform_over_the_others():
    space = replace(SP_I, num_combinations=9)
    rng, genome = Random(5), space.initial(Random(0))
    mutations = [space.mutate(genome, rng)[1] for _ in range(60_000)]
    place = {"cell": "normal", "combination": 8, "element": 1}
    drawn = Counter(
        mutation.details["to"]
        for mutation in mutations
        if mutation.name == "hidden_state" and place.items() <= mutation.details.items()
    )
    others = set(range(10)) - {genome[8 * 4 + 2]}
    assert chi_square(drawn, dict.fromkeys(others, 1 / 9)) < CHI_SQUARE_LIMIT[8]


@pytest.mark.parametrize(("op_mutation", "num_options"), [("any", 8), ("different", 7)])
def test_a_new_op_may_repeat_only_where_the_option_says_so(op_mutation, num_options):
    space = replace(SP_I, op_mutation=op_mutation)
    rng, genome = Random(6), (0,) * 40
    drawn = Counter(
        mutation.details["to"] for _ in range(16_000) if (mutation := space.mutate(genome, rng)[1]).name == "op"
    )
    allowed = SP_I.ops[8 - num_options :]
    assert chi_square(drawn, dict.fromkeys(allowed, 1 / num_options)) < CHI_SQUARE_LIMIT[num_options - 1]


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_extreme_identity_probabilities(probability):
    space, rng = replace(SP_I, identity_probability=probability), Random(7)
    names = Counter(space.mutate(space.initial(rng), rng)[1].name for _ in range(2000))
    assert (names["identity"] == 2000) if probability else ("identity" not in names)


@SPACES
def test_json_round_trip_with_names(space):
    rng = Random(8)
    for _ in range(50):
        genome = space.initial(rng)
        text = json.dumps(space.to_json(genome))
        back = space.from_json(json.loads(text))
        assert back == genome
        assert all(type(value) is int for value in back)
    data = space.to_json(genome)
    op, source = data["normal"][1][0]
    assert op in space.ops
    assert (source, space.ops.index(op)) == genome[4:6]
    assert [len(data[cell]) for cell in ("normal", "reduction")] == [space.num_combinations] * 2


def test_architecture_joins_the_unused_states():
    rng = Random(9)
    for _ in range(200):
        genome = SP_I.initial(rng)
        architecture = SP_I.architecture(genome)
        assert json.loads(json.dumps(architecture)) == architecture
        wirings = parse_architecture(architecture)
        for name, cell in architecture.items():
            used = {source for pair in cell["combinations"] for _, source in pair}
            assert cell["concat"] == [state for state in range(2, 7) if state not in used]
            assert 6 in cell["concat"]
            assert wirings[name].concat == unused_states(wirings[name].combinations)
            assert set(range(2, 7)) <= wirings[name].live_states


def test_same_state_same_genome_and_a_golden_trace():
    """If this changes, every journal of the cell space stops replaying: say so in the release notes, then renew it."""
    rng = Random("golden")
    genome = SP_I.initial(rng)
    mutations = []
    for _ in range(6):
        genome, mutation = SP_I.mutate(genome, rng)
        mutations.append((mutation.name, *mutation.details.values()))
    digits = "".join(map(str, genome))
    assert digits == "0711250211362441355304011325363225221724"
    assert mutations == [
        ("op", "normal", 4, 1, "sep_conv_3x3", "sep_conv_7x7"),
        ("op", "normal", 2, 0, "sep_conv_5x5", "sep_conv_3x3"),
        ("hidden_state", "normal", 3, 0, 1, 0),
        ("hidden_state", "reduction", 3, 0, 1, 2),
        ("hidden_state", "normal", 3, 0, 0, 4),
        ("hidden_state", "normal", 3, 0, 4, 2),
    ]


def test_hash_seeds_change_nothing():
    code = (
        f"from random import Random; from nas.search_spaces.cells import Cells; space = {SP_II!r};"
        "genome = space.initial(Random(0));"
        "print(space.mutate(genome, Random(1)), space.to_json(genome), space.architecture(genome))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_pickles_and_compares():
    assert pickle.loads(pickle.dumps(SP_III)) == SP_III
    assert hash(SP_I) == hash(replace(SP_I))
    assert Cells(ops=list(SP_I.ops), num_combinations=5, identity_probability=0.05, op_mutation="any") == SP_I


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ops": ("none", "sep_3x3")}, ["'sep_3x3'", "sep_conv_3x3"]),
        ({"ops": ()}, ["[]"]),
        ({"ops": ("none", "none")}, ["none", "different"]),
        ({"num_combinations": 0}, ["num_combinations", "0"]),
        ({"num_combinations": True}, ["num_combinations", "True"]),
        ({"identity_probability": 1.5}, ["1.5", "between 0 and 1"]),
        ({"op_mutation": "other"}, ["'other'", "any", "different"]),
        ({"op_mutation": "different", "ops": ("none",)}, ["two ops"]),
    ],
)
def test_wrong_settings_are_refused(changes, words):
    with pytest.raises(UserError) as caught:
        replace(SP_I, **changes)
    assert all(word in str(caught.value) for word in words)


def damaged(change) -> dict:
    data = SP_I.to_json((0,) * 40)
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data["normal"][0].__setitem__(0, ["sep_3x3", 0]), ["normal combination 0", "'sep_3x3'", "none"]),
        (lambda data: data["normal"][0].__setitem__(0, ["conv_1x1", 0]), ["'conv_1x1'", "none, sep_conv_3x3"]),
        (lambda data: data["reduction"][1].__setitem__(1, ["none", 3]), ["reduction combination 1", "3", "0 to 2"]),
        (lambda data: data["normal"][1].__setitem__(1, ["none", -1]), ["-1", "0 to 2"]),
        (lambda data: data["normal"][1].__setitem__(1, ["none", 1.0]), ["1.0", "0 to 2"]),
        (lambda data: data["normal"][1].__setitem__(1, ["none", True]), ["True", "0 to 2"]),
        (lambda data: data["normal"][1].__setitem__(1, [0, "none"]), ["the op 0"]),
        (lambda data: data["normal"][1].__setitem__(1, [["none"], 0]), ["the op ['none']"]),
        (lambda data: data["normal"][1].__setitem__(1, "no"), ["'no'", "[op, input]"]),
        (lambda data: data["normal"][1].append(["none", 0]), ["normal combination 1", "pair"]),
        (lambda data: data["reduction"].pop(), ["reduction cell has 4 combinations", "5"]),
        (lambda data: data.pop("reduction"), ["'normal' and 'reduction'"]),
        (lambda data: data.__setitem__("normal", 3), ["normal cell", "3"]),
    ],
)
def test_from_json_names_what_is_wrong(change, words):
    with pytest.raises(UserError) as caught:
        SP_I.from_json(damaged(change))
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("data", [None, "0110", 5, [], [[]]])
def test_from_json_refuses_other_types(data):
    with pytest.raises(UserError, match="'normal' and 'reduction'"):
        SP_I.from_json(data)


@pytest.mark.parametrize("genome", [(0,) * 39, [0] * 40, (2, *(0,) * 39), (0, 8, *(0,) * 38), (True, *(0,) * 39)])
def test_validate_refuses(genome):
    with pytest.raises(UserError):
        SP_I.validate(genome)


@pytest.mark.parametrize(
    ("concat", "words"),
    [([], ["at least one"]), ([2, 2], ["different"]), ([7], ["7", "0 to 6"]), (["2"], ["'2'"]), (3, ["3"])],
)
def test_a_wrong_concat_is_refused(concat, words):
    architecture = SP_I.architecture((0,) * 40)
    architecture["normal"]["concat"] = concat
    with pytest.raises(UserError) as caught:
        parse_architecture(architecture)
    assert all(word in str(caught.value) for word in ["normal cell's concat", *words])


def test_live_states_with_an_explicit_concat():
    combinations = [
        [["none", 0], ["none", 0]],  # state 2
        [["none", 1], ["none", 1]],  # state 3: reaches nothing
        [["none", 2], ["none", 2]],  # state 4
    ]
    cell = {"combinations": combinations, "concat": [4]}
    assert parse_architecture({"normal": cell, "reduction": cell})["normal"].live_states == {0, 2, 4}


def test_a_normal_cell_alone_is_an_architecture_of_one_type_of_cell():
    architecture = SP_I.architecture((0,) * 40)
    normal = {"normal": architecture["normal"]}
    assert list(parse_architecture(normal)) == ["normal"]
    for wrong in ({"reduction": architecture["reduction"]}, {}, [normal], {**architecture, "other": {}}):
        with pytest.raises(UserError, match=r"'normal' and 'reduction' \('reduction' may be left out\)"):
            parse_architecture(wrong)
    with pytest.raises(UserError):
        SP_I.from_json({"normal": architecture["normal"]["combinations"]})
