"""How far the numbers can be trusted: sealed tests, equal genomes, re-evaluations; and what is never opened."""

import json
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journals import IDENTITY, Timeline
from scipy import stats

from nas.noise.measured_file import write_measured
from nas.reporting.figures import sample
from nas.reporting.figures.remeasured import remeasured
from nas.reporting.figures.repeated import equal_genomes, repeated
from nas.reporting.figures.tested import validation_against_test
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.search.history import History
from nas.search.individual import Individual


def text_of(folder):
    return write_report(folder).read_text().replace("\xa0", " ")


def searched(folder, fitness, genomes=None, identity=None, closed="budget", parents=None, metrics=None):
    """A search that told these, one after the other."""
    line = Timeline(folder, identity)
    line.opened(0, 1)
    for number, value in enumerate(fitness):
        own = parents[number] if parents else ()
        line.asked(number, number, genomes[number] if genomes else f"g{number}", own)
        line.told(number, number + 1, value, metrics[number] if metrics else None)
    if closed:
        line.closed(len(fitness) + 1, closed)
    return folder


def seal(folder, accuracies):
    for number, accuracy in accuracies.items():
        child = folder / "children" / f"{number:06d}"
        child.mkdir(parents=True)
        (child / "sealed.json").write_text(json.dumps({"test_accuracy": accuracy}))


VALID = [0.70, 0.80, 0.90, 0.85, 0.60, 0.95, 0.75, 0.65, 0.88, 0.72, 0.78, 0.81]
TEST = [0.69, 0.81, 0.84, 0.85, 0.55, 0.86, 0.74, 0.66, 0.87, 0.70, 0.75, 0.80]


@pytest.fixture
def opened_files():
    """Paths that were opened, as Python's own audit sees them."""
    paths, watching = [], [True]
    sys.addaudithook(lambda event, args: paths.append(str(args[0])) if event == "open" and watching else None)
    yield paths
    watching.clear()  # an audit hook cannot be removed


def test_validation_against_test_by_hand(tmp_path):
    folder = searched(tmp_path / "run", VALID)
    seal(folder, dict(enumerate(TEST)))
    found = validation_against_test(Material(History.load(folder)))
    valid, test = np.array(VALID), np.array(TEST)
    assert found.figure.x.tolist() == VALID
    assert found.figure.y.tolist() == TEST
    assert found.correlations.kendall.value == pytest.approx(stats.kendalltau(valid, test).statistic)
    order = sorted(range(12), key=lambda place: -VALID[place])
    assert [(top.count, top.valid, top.test) for top in found.tops] == [
        (count, pytest.approx(valid[order[:count]].mean()), pytest.approx(test[order[:count]].mean()))
        for count in (1, 10, 12)
    ]
    whole = (valid - test).mean()
    assert found.tops[0].chosen == pytest.approx(0.95 - 0.86 - whole)
    gaps = (valid - test)[order[:10]]
    assert found.tops[1].interval == pytest.approx(stats.t.interval(0.95, 9, gaps.mean(), stats.sem(gaps)))
    best, accuracy, place = found.best[0]
    assert (best.number, accuracy, place) == (5, 0.86, 2)
    page = text_of(folder)
    assert "#5, the best by validation, is number 2 by test, with 0.8600." in page
    assert f"validation is {whole:+.4f} against test" in page
    assert (folder / "figures" / "validation-test.svg").exists()


@pytest.mark.parametrize("closed", [None, "stopped", "failures", "constraint"])
def test_a_search_that_has_not_used_its_budget_opens_no_sealed_test(tmp_path, opened_files, closed):
    folder = searched(tmp_path / "run", VALID, closed=closed)
    seal(folder, dict.fromkeys(range(12), 0.123456))
    opened_files.clear()
    assert "0.1235" not in text_of(folder)
    assert not [path for path in opened_files if "sealed" in path or "children" in path]


def test_a_search_that_goes_on_opens_none_any_more(tmp_path):
    folder = searched(tmp_path / "run", VALID)
    seal(folder, dict(enumerate(TEST)))
    line = json.dumps({"event": "asked", "elapsed_s": 20, "time": 1, "number": 12, "genome": "g", "seed": 1})
    more = json.dumps({"parents": [], "mutation": None, "removed": []})
    with (folder / "history.jsonl").open("a") as file:
        file.write(line[:-1] + ", " + more[1:] + "\n")
    assert validation_against_test(Material(History.load(folder))) is None


def test_without_sealed_tests_nothing_is_shown(tmp_path):
    folder = searched(tmp_path / "run", VALID)
    assert validation_against_test(Material(History.load(folder))) is None
    assert '<section id="reliability"' not in text_of(folder)


def test_individuals_without_a_sealed_test_are_left_out_and_counted(tmp_path):
    folder = searched(tmp_path / "run", VALID)
    seal(folder, {number: TEST[number] for number in (0, 5, 8)})
    found = validation_against_test(Material(History.load(folder)))
    assert (found.figure.numbers.tolist(), found.missing) == ([0, 5, 8], 9)
    assert "9 individuals left no sealed test and are not drawn." in text_of(folder)


@pytest.mark.parametrize("content", ["{", '{"test_accuracy": "high"}', "[]"])
def test_a_damaged_sealed_test_is_a_sentence(tmp_path, content):
    folder = searched(tmp_path / "run", VALID)
    seal(folder, dict(enumerate(TEST)))
    (folder / "children" / "000005" / "sealed.json").write_text(content)
    page = text_of(folder)
    assert "Test accuracies cannot be shown: the sealed accuracy" in page
    assert "000005/sealed.json cannot be read" in page


def test_of_very_many_only_those_that_are_drawn_are_opened(tmp_path, monkeypatch, opened_files):
    monkeypatch.setattr(sample, "MOST_MARKS", 200)
    fitness = [0.5 + 0.4 * math.sin(n) ** 2 for n in range(400)]
    folder = searched(tmp_path / "run", fitness)
    seal(folder, {number: value - 0.02 for number, value in enumerate(fitness)})
    opened_files.clear()
    found = validation_against_test(Material(History.load(folder)))
    assert (len(found.figure.x), found.sampled) == (200, 200)
    assert len({path for path in opened_files if path.endswith("sealed.json")}) <= 200 + 10


GENOMES = st.recursive(
    st.one_of(
        st.integers(-3, 3), st.sampled_from(["0", "1", "01"]), st.booleans(), st.none(), st.sampled_from([0.5, 1.0])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=4,
)


@given(st.lists(GENOMES, max_size=25))
def test_equal_genomes_are_those_whose_json_is_equal(genomes):
    read = [json.loads(json.dumps(genome, sort_keys=True)) for genome in genomes]
    individuals = [Individual(number=number, genome=genome, seed=0) for number, genome in enumerate(read)]
    places, groups = equal_genomes(individuals)
    texts = [json.dumps(genome, sort_keys=True) for genome in read]
    expected = [[place for place, text in enumerate(texts) if text == one] for one in dict.fromkeys(texts)]
    found = [places[groups == group].tolist() for group in range(groups.max() + 1 if len(groups) else 0)]
    assert sorted(found) == sorted(members for members in expected if len(members) > 1)


def test_the_noise_of_equal_genomes_by_hand(tmp_path):
    genomes = ["a", "b", "a", "c", "b", "a", "d"]
    fitness = [0.9, 0.8, 0.86, 0.7, 0.79, 0.87, 0.1]
    diverged = [{"diverged": value == 0.1} for value in fitness]
    parents = [(), (), (0,), (), (1,), (0,), (0,)]
    folder = searched(tmp_path / "run", fitness, genomes, parents=parents, metrics=diverged)
    found = repeated(Material(History.load(folder)))
    assert (found.genomes, found.evaluations, found.diverged, found.chosen) == (2, 5, 1, True)
    assert sorted(zip(found.figure.x, found.figure.y, found.figure.numbers, strict=True)) == [
        (0.8, 0.79, 4), (0.9, 0.86, 2), (0.9, 0.87, 5)
    ]  # fmt: skip
    # First evaluations exceed the others by b: 2/3 (0.9 - 0.865) + 1/2 (0.8 - 0.79) weighs both genomes.
    excess = (2 / 3 * 0.035 + 1 / 2 * 0.01) / (2 / 3 + 1 / 2)
    assert found.excess.mean == pytest.approx(excess)
    squares = 2 / 3 * (0.035 - excess) ** 2 + 1 / 2 * (0.01 - excess) ** 2 + 2 * 0.005**2
    assert (found.spread.freedom, found.spread.deviation) == (2, pytest.approx(math.sqrt(squares / 2)))
    assert [(len(group.individuals), group.individuals[0].number) for group in found.often] == [(3, 0), (2, 1)]
    page = text_of(folder)
    assert "2 genomes were evaluated more than once, 5 evaluations in all." in page
    assert "1 individual whose training diverged is left out." in page


def test_the_noise_of_a_search_is_found_again(tmp_path):
    """Each genome has its own truth; children of a genome that looked good come again, as identity mutations do."""
    rng, noise = np.random.default_rng(0), 0.02
    truths, genomes, fitness, parents = {}, [], [], []
    for number in range(1500):
        best = max(range(max(0, number - 30), number), key=lambda place: fitness[place], default=None)
        again = best is not None and rng.random() < 0.3
        genome = genomes[best] if again else f"g{number}"
        truths.setdefault(genome, rng.normal(0.7, 0.05))
        genomes.append(genome)
        parents.append((best,) if again else ())
        fitness.append(float(truths[genome] + rng.normal(0, noise)))
    found = repeated(Material(History.load(searched(tmp_path / "run", fitness, genomes, parents=parents))))
    assert found.spread.deviation == pytest.approx(noise, rel=0.1)
    assert found.excess.interval[0] > 0  # what was selected had been lucky
    assert "so luck was chosen too" in text_of(tmp_path / "run")


def test_evaluations_without_chance_are_said_to_be_so(tmp_path):
    folder = searched(tmp_path / "run", [0.7, 0.1 + 0.2, 0.7, 0.1 + 0.2, 0.7], ["a", "b", "a", "b", "a"])
    page = text_of(folder)
    assert "2 genomes were evaluated more than once, and always gave the very same fitness" in page
    assert not (folder / "figures" / "noise.svg").exists()


def test_one_pair_has_a_spread_and_no_excess(tmp_path):
    found = repeated(Material(History.load(searched(tmp_path / "run", [0.7, 0.8], ["a", "a"]))))
    assert (found.spread.freedom, found.excess) == (1, None)
    assert found.spread.deviation == pytest.approx(0.1 / math.sqrt(2))
    assert "1 genome was evaluated more than once" in text_of(tmp_path / "run")


def test_children_that_inherit_are_no_repeated_measurements(tmp_path):
    identity = {**IDENTITY, "evaluator": {**IDENTITY["evaluator"], "inherit": True}}
    page = text_of(searched(tmp_path / "run", [0.7, 0.8], ["a", "a"], identity))
    assert "children begin with their parents&#39; weights" in page


def study_run(folder, fitness):
    return searched(folder / "searches" / "here" / "aging-s0", fitness)


def test_re_evaluations_of_a_study_by_hand(tmp_path):
    run = study_run(tmp_path, [0.7, 0.9, 0.8])
    file = tmp_path / "reevaluations" / "here" / "aging-s0.json"
    write_measured(file, {1: 0.9, 2: 0.8}, {2: {0: 0.78, 1: 0.8}, 1: {0: 0.85, 1: 0.87}})
    found = remeasured(Material(History.load(run)))
    assert [(one.number, one.values) for one in found.top] == [(1, (0.85, 0.87)), (2, (0.78, 0.8))]
    assert found.gap.mean == pytest.approx((0.04 + 0.01) / 2)
    assert (found.spread.freedom, found.spread.deviation) == (2, pytest.approx(0.01 * math.sqrt(2)))
    page = text_of(run)
    assert "The study evaluated 2 individuals of this search with new training seeds." in page
    assert (run / "figures" / "remeasured.svg").exists()


@pytest.mark.parametrize(
    "content", ["{", '{"format": "nas-reevaluation", "version": 1, "individuals": [{"number": 1}]}']
)
def test_damaged_re_evaluations_are_a_sentence(tmp_path, content):
    run = study_run(tmp_path, [0.7, 0.9])
    file = tmp_path / "reevaluations" / "here" / "aging-s0.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert "The study&#39;s re-evaluations cannot be shown: the re-evaluations" in text_of(run)


def test_re_evaluations_of_another_search_are_not_taken(tmp_path):
    run = study_run(tmp_path, [0.7, 0.9])
    write_measured(tmp_path / "reevaluations" / "here" / "aging-s0.json", {1: 0.91}, {1: {0: 0.85}})
    assert "are of another search" in text_of(run)


def test_a_run_that_lies_elsewhere_has_no_re_evaluations(tmp_path):
    run = searched(tmp_path / "elsewhere" / "here" / "aging-s0", [0.7, 0.9])
    write_measured(tmp_path / "reevaluations" / "here" / "aging-s0.json", {1: 0.9}, {1: {0: 0.85}})
    assert remeasured(Material(History.load(run))) is None
