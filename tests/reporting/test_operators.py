"""What mutations do, against what the journal says child by child."""

import statistics
from collections import defaultdict
from random import Random

import pytest
from example_runs import example_run
from scipy import stats

from nas import History
from nas.reporting import labels, mutation_words
from nas.reporting.children import MOST_OPERATORS, children_of, operator_of
from nas.reporting.columns import columns
from nas.reporting.drawings import operators as drawing
from nas.reporting.drawings import operators_over_time as over_time
from nas.reporting.figures.operators import operators_figure
from nas.reporting.mutation_tables import operators_table
from nas.search.individual import State


def figure_of(folder):
    history = History.load(folder)
    return operators_figure(children_of(history.individuals, columns(history)), "valid_accuracy")


def by_name(figure):
    return {operator.name: operator for operator in figure.operators}


@pytest.fixture(scope="module", params=["cells", "dna"])
def search(request, tmp_path_factory):
    return example_run(tmp_path_factory.mktemp("runs") / request.param, request.param, 500)


def test_counts_means_and_shares_are_those_of_the_journal(search):
    history = History.load(search)
    told, failed, records, changes = defaultdict(list), defaultdict(int), defaultdict(int), defaultdict(list)
    best = float("-inf")
    fitness = {one.number: one.fitness for one in history.individuals}
    diverged = {one.number for one in history.individuals if one.metrics.get("diverged")}
    for number in history.told_order:
        one = history.individuals[number]
        rises, best = one.fitness > best, max(best, one.fitness)
        if one.parents:
            name = one.mutation.name.replace("_", " ")
            told[name].append(one)
            records[name] += rises
            if not diverged & {number, *one.parents}:
                changes[name].append(one.fitness - fitness[one.parents[0]])
    for one in history.individuals:
        failed[operator_of(one) if one.parents else None] += one.state is State.FAILED
    figure = figure_of(search)
    assert sum(operator.diverged for operator in figure.operators) == len(
        diverged & {n for n in fitness if history.individuals[n].parents}
    )
    assert set(told) <= set(by_name(figure)) <= set(told) | set(failed)
    for name, operator in by_name(figure).items():
        assert (operator.told, operator.failed, operator.records) == (len(told[name]), failed[name], records[name])
        assert operator.compared == len(changes[name])
        assert operator.change.value == pytest.approx(statistics.mean(changes[name]))
        assert operator.median == pytest.approx(statistics.median(changes[name]))
        whole = [one.fitness - fitness[one.parents[0]] for one in told[name]]
        assert operator.change_of_all == pytest.approx(statistics.mean(whole))
        assert operator.fitter.value == pytest.approx(sum(change > 0 for change in whole) / len(whole))
        if name != "identity":
            assert operator.added.value == pytest.approx(operator.change.value - figure.identity.change.value)
            assert operator.oftener.value == pytest.approx(operator.fitter.value - figure.identity.fitter.value)
    means = [operator.change.value for operator in figure.operators]
    assert means == sorted(means, reverse=True)
    assert figure.identity.added is None


def test_stretches_part_the_search_equally_and_their_means_make_up_the_whole(search):
    figure = figure_of(search)
    widths = [after - before for before, after in zip(figure.edges, figure.edges[1:], strict=False)]
    assert max(widths) - min(widths) <= 1
    assert len(widths) in range(2, 9)
    for operator in figure.operators:
        assert sum(stretch.count for stretch in operator.stretches) == operator.compared
        whole = sum(stretch.count * stretch.change.value for stretch in operator.stretches) / operator.compared
        assert whole == pytest.approx(operator.change.value)


def selected(new_run, name="noise", seed=0, told=1500):
    """A search in which no mutation does anything: fitness is luck alone, and the luckiest of five reproduces."""
    run, rng = new_run(name), Random(seed)
    fitness: dict[int, float] = {}
    for number in range(told):
        living = list(fitness)[-30:]
        parents = (max(rng.sample(living, 5), key=fitness.__getitem__),) if number >= 30 else ()
        run.asked(number, "01", parents, ("identity", "op")[rng.randrange(2)])
        fitness[number] = rng.gauss(0.5, 0.1)
        run.told(number, fitness[number])
    return run


def test_luck_alone_makes_children_worse_and_the_difference_to_identity_takes_it_back(new_run):
    """The luckiest of five normal numbers lies 1.16 deviations above their mean: so far do children fall back."""
    figure = figure_of(selected(new_run).folder)
    for name in ("identity", "op"):
        change = by_name(figure)[name].change
        assert change.high < -0.08
        assert change.value == pytest.approx(-0.116, abs=0.02)
    added = by_name(figure)["op"].added
    assert added.low < 0 < added.high
    (sentence,) = mutation_words.found_on_operators(figure, inherits=False)
    assert "With the identity, by luck alone, it was" in sentence
    assert sentence.endswith(", which is not clearly less.")


def test_a_finding_says_how_the_share_compares_with_that_of_the_identity(new_run):
    """Of 40 children each, op makes so many fitter, identity 20."""
    for fitter, end in ((39, "it was 50 %."), (22, ", which is not clearly less."), (20, ", which is no less.")):
        run = new_run(f"run {fitter}")
        for number in range(40):
            told(run, number, 0.5)
        for number in range(80):
            name, better = ("op", number < fitter) if number < 40 else ("identity", number % 2)
            told(run, 40 + number, 0.6 if better else 0.4, (number % 40,), {"name": name, "details": {}})
        (sentence,) = mutation_words.found_on_operators(figure_of(run.folder), inherits=True)
        assert sentence.endswith(end)
        assert sentence.startswith("The mutation “op” gave a child fitter than its parent: ")


def test_single_children_have_the_t_interval(new_run):
    run, changes = new_run(), [0.1, -0.05, 0.2, 0.15]
    for number in range(4):
        run.asked(number, "01")
        run.told(number, 0.5)
    for number, change in enumerate(changes, start=4):
        run.asked(number, "01", (number - 4,), "op")
        run.told(number, 0.5 + change)
    (operator,) = figure_of(run.folder).operators
    low, high = stats.t.interval(0.95, 3, loc=statistics.mean(changes), scale=stats.sem(changes))
    assert (operator.change.low, operator.change.high) == pytest.approx((low, high))
    assert operator.added is None


def told(run, number, fitness, parents=(), mutation=None, **metrics):
    run.journal.append("asked", number=number, genome="01", seed=number, parents=parents, mutation=mutation, removed=[])
    run.told(number, fitness, **metrics)


def test_several_mutations_and_resets_of_all_are_operators_of_their_own(new_run):
    run = new_run()
    told(run, 0, 0.5)
    for number, (name, details) in enumerate(
        [
            ("several", {"mutations": [{"name": "op"}, {"name": "identity"}]}),
            ("several", {"mutations": [{"name": "op"}] * 3}),
            ("several", {}),
            ("reset_weights", {"of": "population"}),
            ("reset_weights", {}),
        ],
        start=1,
    ):
        told(run, number, 0.5, (0,), {"name": name, "details": details})
    names = set(by_name(figure_of(run.folder)))
    assert names == {"2 mutations at once", "3 mutations at once", "several", "reset weights of all", "reset weights"}


def test_diverged_pairs_are_counted_and_left_out_of_means(new_run):
    run = new_run()
    told(run, 0, 0.5)
    told(run, 1, 0.1, diverged=True)
    mutation = {"name": "op", "details": {}}
    told(run, 2, 0.6, (0,), mutation)
    told(run, 3, 0.1, (0,), mutation, diverged=True)
    told(run, 4, 0.5, (1,), mutation)
    (operator,) = figure_of(run.folder).operators
    assert (operator.told, operator.compared, operator.diverged) == (3, 1, 1)
    assert operator.change.value == pytest.approx(0.1)
    assert operator.change_of_all == pytest.approx((0.1 - 0.4 + 0.4) / 3)
    assert operator.fitter.value == pytest.approx(2 / 3)
    table = operators_table(figure_of(run.folder))
    assert dict(zip(table.head, table.rows[0], strict=True))["diverged"] == "1\n33.3 %"
    assert "Of 3 told children 2 are left out" in " ".join(mutation_words.on_operators(figure_of(run.folder), False))


def test_a_mutation_whose_children_all_failed_has_a_row_and_no_mark(new_run):
    run = new_run()
    told(run, 0, 0.5)
    told(run, 1, 0.6, (0,), {"name": "op", "details": {}})
    run.asked(2, "01", (0,), "bad")
    run.failed(2, "RuntimeError")
    figure = figure_of(run.folder)
    assert [operator.name for operator in figure.operators] == ["op", "bad"]
    assert [operator.name for operator, _ in figure.drawn] == ["op"]
    table = operators_table(figure)
    assert dict(zip(table.head, table.rows[1], strict=True)) == {
        "mutation": "bad",
        "children": "0",
        "change": "–",
        "median": "–",
        "fitter than parent": "–",
        "best so far": "0",
        "failed": "1\n100 %",
    }


def test_children_of_two_parents_take_no_part(new_run):
    run = new_run()
    told(run, 0, 0.5)
    told(run, 1, 0.6)
    told(run, 2, 0.7, (0, 1), {"name": "crossover", "details": {}})
    assert figure_of(run.folder) is None


def test_of_very_many_kinds_the_rarest_are_one(new_run):
    run = new_run()
    told(run, 0, 0.5)
    number = 0
    for kind in range(MOST_OPERATORS + 5):
        for _ in range(40 - kind):
            number += 1
            told(run, number, 0.5, (0,), {"name": f"kind_{kind}", "details": {}})
    figure = figure_of(run.folder)
    assert len(figure.operators) == MOST_OPERATORS
    assert by_name(figure)["6 others"].told == sum(40 - kind for kind in range(MOST_OPERATORS - 1, MOST_OPERATORS + 5))
    assert by_name(figure)["kind 3"].told == 37


def test_the_picture_says_what_the_data_is(search):
    figure = figure_of(search)
    picture, words = drawing.plot(figure), drawing.description(figure)
    for operator in figure.operators:
        assert f">{operator.name}<" in picture
        assert f"n = {operator.compared:,}" in picture
        assert f"{operator.name} {labels.change(operator.change.value)} (" in words
    assert picture.count("reference-line") == 1
    panels = over_time.panels(figure)
    assert [operator for operator in figure.operators if len(operator.stretches) < 2] == [
        operator for operator in figure.operators if operator not in panels
    ]
    assert over_time.drawing(figure).count("series dashed") == len(panels) - 1  # the identity in every other panel


def test_an_interval_that_leaves_the_plot_ends_in_an_arrow(new_run):
    run = new_run()
    told(run, 0, 0.5)
    told(run, 1, 0.5)
    for number in range(2, 40):
        told(run, number, 0.5 + 0.001 * (number % 7), (number % 2,), {"name": "op", "details": {}})
    told(run, 40, 0.9, (0,), {"name": "rare", "details": {}})
    told(run, 41, 0.1, (1,), {"name": "rare", "details": {}})
    figure = figure_of(run.folder)
    assert drawing.plot(figure).count("estimate-cut") == 2
