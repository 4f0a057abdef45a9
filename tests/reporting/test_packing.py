"""What a page holds of its individuals is what the journal has, and little of it."""

import pytest
from example_runs import example_run
from packed import dna, unpacked, without_ids

from nas import History
from nas.reporting.packing import pack
from nas.reporting.report import write_report


def sorted_edges(genome):
    return {**genome, "edges": sorted(genome["edges"], key=lambda edge: (edge["target"], edge["source"]))}


@pytest.mark.parametrize("space", ["cells", "dna"])
def test_every_individual_comes_back(tmp_path, space):
    run = example_run(tmp_path / "run", space, 300)
    history = History.load(run)
    rows = unpacked(write_report(run).read_text())
    assert list(rows) == [individual.number for individual in history.individuals]
    for individual in history.individuals:
        row = rows[individual.number]
        mutation = individual.mutation
        assert row["state"] == individual.state
        assert row["alive"] == (individual in history.alive)
        assert row["updates"] is None
        assert row["fitness"] == individual.fitness
        assert tuple(row["parents"]) == individual.parents
        assert row["mutation"] == (None if mutation is None else [mutation.name, mutation.details])
        assert row["reason"] == individual.reason
        assert row["metrics"] == individual.metrics
        if space == "cells":
            assert row["genome"] == individual.genome
        else:
            assert sorted_edges(dna(row["genome"])) == sorted_edges(without_ids(individual.genome))


@pytest.mark.parametrize(
    "genome",
    [
        "é</script>",
        {"vertices": 3, "edges": [], "learning_rate": 1},
        {"vertices": [{"type": "linear"}], "edges": [{"target": 7, "source": 0}], "learning_rate": 0.1},
        [1, [2.5, None], {"a": True}],
        None,
    ],
)
def test_any_genome_comes_back(new_run, genome):
    run = new_run()
    run.asked(0, genome)
    run.told(0, 0.5, nothing=None)
    run.asked(1, genome, (0,))
    run.failed(1, "é")
    rows = unpacked(write_report(run.folder).read_text())
    assert [rows[0]["genome"], rows[1]["genome"]] == [genome, genome]
    assert rows[0]["metrics"] == {"valid_accuracy": 0.5, "nothing": None}


def test_a_sample_refers_to_the_nearest_ancestor_that_it_holds(new_run):
    run = new_run()
    for number in range(4):
        run.asked(number, "0" * 60 + f"{number:b}", (number - 1,) if number else ())
        run.told(number, 0.5)
    history = History.load(run.folder)
    page = f'id="individuals">{pack(history, [history.individuals[0], history.individuals[3]], {})}<'
    assert [row["genome"] for row in unpacked(page).values()] == ["0" * 60 + "0", "0" * 60 + "11"]


def test_genomes_of_relatives_take_little(tmp_path):
    run = example_run(tmp_path / "run", "dna", 1000)
    history = History.load(run)
    packed = len(pack(history, history.individuals, {}))
    assert packed < history.path.stat().st_size / 15
