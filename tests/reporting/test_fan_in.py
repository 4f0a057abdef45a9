"""Output fan-in: its random distribution by enumeration, and a search's against its architectures."""

import statistics
from itertools import product
from pathlib import Path
from random import Random

import pytest
from example_runs import example_run
from hydra import compose, initialize_config_dir

from nas import History
from nas.application import build, config_folder
from nas.reporting import mutation_words
from nas.reporting.children import children_of
from nas.reporting.columns import columns
from nas.reporting.drawings import fan_in as drawing
from nas.reporting.figures.fan_in import fan_in_figure
from nas.reporting.figures.moments import moments_of
from nas.reporting.figures.random_fan_in import random_fan_in
from nas.reporting.mutation_tables import fan_in_table
from nas.search_spaces.cell_architecture import unused_states


def figure_of(folder):
    history = History.load(folder)
    made = columns(history)
    return fan_in_figure(
        history.individuals, made, children_of(history.individuals, made), moments_of(made), "valid_accuracy"
    )


def cell_of(inputs):
    """Combination k reads inputs[2 k] and inputs[2 k + 1]."""
    return [[["none", one], ["none", other]] for one, other in zip(inputs[::2], inputs[1::2], strict=True)]


def fan_in_of(cell):
    return len(unused_states([tuple(tuple(element) for element in pair) for pair in cell]))


@pytest.mark.parametrize("combinations", [1, 2, 3, 4])
def test_random_cells_have_the_fan_in_of_all_cells(combinations):
    choices = [range(made + 2) for made in range(combinations) for _ in range(2)]
    all_cells = [fan_in_of(cell_of(inputs)) for inputs in product(*choices)]
    mean, deviation = random_fan_in(combinations)
    assert mean == pytest.approx(statistics.fmean(all_cells))
    assert deviation == pytest.approx(statistics.pstdev(all_cells))


@pytest.mark.parametrize("experiment", [5, 15])
def test_random_genomes_of_the_space_have_it_too(experiment):
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=["search_space=cells", f"search_space.num_combinations={experiment}"])
    space, rng = build(config.search_space, "search_space"), Random(0)
    drawn = [space.architecture(space.initial(rng)) for _ in range(4000)]
    found = [len(genome[cell]["concat"]) for genome in drawn for cell in ("normal", "reduction")]
    mean, deviation = random_fan_in(experiment)
    assert statistics.fmean(found) == pytest.approx(mean, abs=4 * deviation / len(found) ** 0.5)
    assert statistics.stdev(found) == pytest.approx(deviation, rel=0.03)
    if experiment == 5:
        assert mean == pytest.approx(2.5)


def test_a_search_has_the_fan_in_of_its_architectures(tmp_path):
    history = History.load(example_run(tmp_path / "run", "cells", 300))
    figure = figure_of(tmp_path / "run")
    told = [one for one in history.told if not one.metrics["diverged"]]
    assert (figure.read, figure.told, figure.num_combinations) == (len(told), 300, 5)
    for cell in figure.cells:
        alive = [fan_in_of(one.genome[cell.name]) for one in history.alive]
        assert cell.final == pytest.approx(statistics.fmean(alive))
        one, of_mean = figure.sigmas(cell)
        assert one == pytest.approx((statistics.fmean(alive) - figure.random_mean) / figure.random_deviation)
        assert of_mean == pytest.approx(one * len(alive) ** 0.5)
        values = {int(group.name): group for group in cell.by_value}
        for value in range(6):
            own = [one.fitness for one in told if fan_in_of(one.genome[cell.name]) == value]
            assert (value in values) == bool(own)
            if own:
                assert values[value].count == len(own)
                assert values[value].mean.value == pytest.approx(statistics.fmean(own))


def drift(new_run, told=800, helps=0.05):
    """A search of cells of four combinations whose fitness is the normal cell's fan-in, and a little luck."""
    run, rng = new_run("drift"), Random(1)
    genomes: dict[int, list[int]] = {}
    fitness: dict[int, float] = {}
    for number in range(told):
        living = list(genomes)[-20:]
        parents = (max(rng.sample(living, 2), key=fitness.__getitem__),) if number >= 20 else ()
        inputs = [rng.randrange(2 + at // 2) for at in range(8)]
        if parents:
            place, inputs = rng.randrange(8), list(genomes[parents[0]])
            inputs[place] = rng.randrange(2 + place // 2)
        genome = {"normal": cell_of(inputs), "reduction": cell_of([0, 1] * 4)}
        run.asked(number, genome, parents, "hidden_state")
        genomes[number] = inputs
        fitness[number] = 0.5 + helps * fan_in_of(genome["normal"]) + rng.gauss(0, 0.01)
        run.told(number, fitness[number], (number - 20,) if number >= 20 else ())
    return run


def test_selection_for_fan_in_is_seen_and_called_an_effect(new_run):
    """Fitness rises by 0.05 with each state that joins: the mean goes up, and the most there is are 4."""
    figure = figure_of(drift(new_run).folder)
    normal, reduction = figure.cells
    assert figure.random_mean == pytest.approx(54 / 25)
    assert normal.final > figure.random_mean + 1.5 * figure.random_deviation
    assert figure.sigmas(normal)[0] > 1
    assert figure.sigmas(normal)[1] == pytest.approx(figure.sigmas(normal)[0] * 20**0.5)
    assert set(reduction.over_time.tolist()) == {4.0}
    values = [group.mean.value for group in normal.by_value]
    assert values == pytest.approx([0.5 + 0.05 * int(group.name) for group in normal.by_value], abs=0.01)
    changes = {group.name: group.mean.value for group in normal.by_change}
    assert changes["lowered"] < -0.04
    assert changes["raised"] > 0.03
    assert normal.effect.low > 0.05
    assert reduction.effect is None
    words = " ".join(mutation_words.on_fan_in(figure))
    assert "so a larger fan-in helped by itself" in words
    assert "standard deviations of a single random genome above random" in words
    assert [row[:2] for row in fan_in_table(figure).rows][:3] == [
        ["normal cell", "lowered"],
        ["normal cell", "kept"],
        ["normal cell", "raised"],
    ]


def test_without_an_effect_none_is_claimed(new_run):
    figure = figure_of(drift(new_run, helps=0.0).folder)
    effect = figure.cells[0].effect
    assert effect.low < 0 < effect.high
    assert "does not show that fan-in has an effect of its own" in " ".join(mutation_words.on_fan_in(figure))


def test_states_that_a_genome_lists_are_joined(new_run):
    run = new_run()
    cell = {"combinations": cell_of([0, 1, 2, 0]), "concat": [2, 3, 0]}
    for number in range(3):
        run.asked(number, {"normal": cell, "reduction": cell_of([0, 1, 2, 0])})
        run.told(number, 0.5)
    normal, reduction = figure_of(run.folder).cells
    assert (normal.final, reduction.final) == (3, 1)


@pytest.mark.parametrize(
    "genome",
    [
        "0110",
        {"normal": ["what"], "reduction": {"else": 1}},
        {"normal": [[["none", 9], ["none", 0]]] * 2, "reduction": []},
        {"normal": cell_of([0, 1]), "reduction": cell_of([0, 1])},  # one combination: always 1
        {"vertices": [], "edges": []},
    ],
)
def test_other_genomes_have_none(new_run, genome):
    run = new_run()
    for number in range(3):
        run.asked(number, genome)
        run.told(number, 0.5)
    assert figure_of(run.folder) is None


def test_the_pictures_say_what_the_data_is(new_run):
    figure = figure_of(drift(new_run).folder)
    assert "Uniformly random genomes have 2.16 ± 0.69." in drawing.description(figure)
    picture = drawing.plot_by_value(figure)
    groups = [group for cell in figure.cells for group in cell.by_value]
    assert picture.count("<circle") == len(groups)
    for cell in figure.cells:
        for group in cell.by_value:
            assert f"<title>{cell.name} cell, fan-in {group.name}: " in picture
            assert f"{group.name}: " in drawing.description_by_value(figure)


def test_journals_are_only_read(tmp_path: Path):
    folder = example_run(tmp_path / "run", "cells", 50)
    before = (folder / "history.jsonl").read_bytes()
    figure_of(folder)
    assert (folder / "history.jsonl").read_bytes() == before
