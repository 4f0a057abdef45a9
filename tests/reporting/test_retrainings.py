"""Retrainings beside a run: whose they are, what they say, and files that are damaged. Written as retrainings write."""

import json
import shutil
from random import Random

import pytest
from dna_search import dna_space, grown
from journals import IDENTITY, Timeline
from parts import SPACE
from scipy import stats

from nas.reporting import retrainings as module
from nas.reporting.figures.retrained import retrained
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.reporting.retrainings import retrainings
from nas.retraining.candidates import best_of
from nas.retraining.folder import opened_folder
from nas.retraining.ranking import Ranking, write_ranking
from nas.search.history import History
from nas.search_spaces.nasbench201 import NasBench201

FITNESS = [0.70, 0.90, 0.80, 0.90, 0.85, 0.60]


def genomes_of(space):
    if space == "dna":
        made = dna_space()
        return made, [made.to_json(grown(made, 10 + number, number)) for number in range(6)]
    made = NasBench201() if space == "nasbench201" else SPACE
    rng = Random(7)
    return made, [made.to_json(made.initial(rng)) for _ in range(6)]


def searched(folder, space="cells", closed=True):
    """A run folder and the space of a search of six."""
    made, genomes = genomes_of(space)
    line = Timeline(folder, IDENTITY)
    line.opened(0, 1)
    for number, (fitness, genome) in enumerate(zip(FITNESS, genomes, strict=True)):
        line.asked(number, number, genome)
        line.told(number, number + 1, fitness)
    if closed:
        line.closed(7)
    return folder, made


def retrain(runs, spaces, folder, accuracies, top_k=4, headline=None, failed=0):
    """Writes what a retraining leaves; accuracies are by the candidates' names."""
    histories = [History.load(run) for run in runs]
    architects = [lambda genome, space=space: space.architecture(space.from_json(genome)) for space in spaces]
    candidates = best_of(histories, architects, top_k)
    rows = [
        {"name": one.name, "fitness": one.fitness, "accuracy": accuracies[one.name], "parameters": 5}
        for one in candidates
        if one.name in accuracies
    ]
    rows.sort(key=lambda row: -row["accuracy"])
    winner = next((place for place, one in enumerate(candidates) if rows and one.name == rows[0]["name"]), 0)
    with opened_folder(folder, {"candidates": [one.label for one in candidates]}):
        ranking = Ranking(part="selection", rows=rows, failed=[{"name": "x", "reason": "y"}] * failed, winner=winner)
        write_ranking(folder, ranking)
        if headline is not None:
            (folder / "card.json").write_text(json.dumps({"format": "nas-card", "version": 1, "headline": headline}))
    return candidates


def text_of(folder):
    return write_report(folder).read_text().replace("\xa0", " ")


def found_of(run):
    return retrainings(Material(History.load(run)))


ACCURACIES = {"small-1": 0.91, "small-3": 0.94, "small-4": 0.92, "small-2": 0.95}


@pytest.mark.parametrize("space", ["cells", "dna", "nasbench201"])
def test_search_rank_against_final_rank_by_hand(tmp_path, space):
    run, made = searched(tmp_path / "small", space)
    retrain([run], [made], tmp_path / "anew", ACCURACIES, headline="small-2 has test accuracy 0.9000.", failed=1)
    (one,) = found_of(run).found
    assert [(row.individual.number, row.accuracy) for row in one.rows] == [(2, 0.95), (3, 0.94), (4, 0.92), (1, 0.91)]
    assert (one.name, one.part, one.others, one.failed) == ("anew", "selection", 0, 1)
    shown = retrained(one, Material(History.load(run)))
    assert shown.searched == [4, 1, 3, 1]
    expected = stats.kendalltau([0.80, 0.90, 0.85, 0.90], [0.95, 0.94, 0.92, 0.91]).statistic
    assert shown.correlations.kendall.value == pytest.approx(expected)
    page = text_of(run)
    assert "Search rank against final rank: anew" in page
    assert "#2 came first, which was number 4 of them in the search, 0.0100 ahead of the search&#39;s best, #3." in page
    assert "Its model card says: small-2 has test accuracy 0.9000." in page
    assert "1 candidate failed." in page
    assert (run / "figures" / "retrained.svg").exists()


def test_the_searchs_best_may_stay_the_best(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES | {"small-1": 0.99})
    assert "The search&#39;s best of them, #1, came first again." in text_of(run)


def test_a_search_that_goes_on_does_not_quote_the_cards_test(tmp_path):
    run, made = searched(tmp_path / "small", closed=False)
    retrain([run], [made], tmp_path / "anew", ACCURACIES, headline="small-2 has test accuracy 0.9000.")
    page = text_of(run)
    assert "Search rank against final rank: anew" in page
    assert "test accuracy 0.9000" not in page


def test_a_run_of_the_same_name_is_not_mistaken_for_it(tmp_path):
    """Same name, numbers and fitness, other genomes: only the architectures tell them apart."""
    other, made = searched(tmp_path / "there" / "small")
    retrain([other], [made], tmp_path / "here" / "anew", ACCURACIES)
    run, _ = searched(tmp_path / "here" / "small", "dna")
    assert found_of(run).found == []
    assert '<section id="reliability"' not in text_of(run)


def test_another_fitness_is_another_search(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES)
    journal = run / "history.jsonl"
    journal.write_text(journal.read_text().replace("0.8,", "0.81,").replace("0.8}", "0.81}"))
    (one,) = found_of(run).found
    assert [row.individual.number for row in one.rows] == [3, 4, 1]


def test_a_run_that_was_renamed_is_found(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES)
    (one,) = found_of(shutil.move(run, tmp_path / "renamed")).found
    assert len(one.rows) == 4


def test_candidates_of_several_searches(tmp_path):
    run, made = searched(tmp_path / "small")
    other, another = searched(tmp_path / "other", "nasbench201")
    accuracies = {"small-1": 0.91, "small-3": 0.94, "other-1": 0.99, "other-3": 0.5}
    retrain([run, other], [made, another], tmp_path / "both", accuracies)
    (one,) = found_of(run).found
    assert ([row.individual.number for row in one.rows], one.others, one.winner) == ([3, 1], 2, None)
    assert "2 candidates of other searches took part; one of another search won." in text_of(run)
    (one,) = found_of(other).found
    assert ([row.individual.number for row in one.rows], one.winner.number) == ([1, 3], 1)


def test_a_single_candidate_needs_no_ranking(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "alone", {}, top_k=1, headline="small-1 has test accuracy 0.5000.")
    page = text_of(run)
    assert "#1 was retrained without rivals." in page
    assert "test accuracy 0.5000" in page


def test_before_anything_was_ranked_there_is_nothing(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES)
    (tmp_path / "anew" / "ranking.json").unlink()
    assert found_of(run) == module.Retrainings([], [])


@pytest.mark.parametrize("name", ["retraining.json", "ranking.json", "card.json"])
@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", '{"format": 3}', "[" * 100_000, '{"format": "nas-retraining"}']
)
def test_a_damaged_file_is_a_sentence(tmp_path, name, content):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES, headline="words")
    (tmp_path / "anew" / name).write_text(content)
    found = found_of(run)
    assert (len(found.found), len(found.problems)) == (0, 1)
    assert f"{tmp_path / 'anew'}" in text_of(run)
    assert "cannot be read" in text_of(run)


def test_a_file_that_is_no_file_is_a_sentence(tmp_path):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES)
    (tmp_path / "anew" / "ranking.json").unlink()
    (tmp_path / "anew" / "ranking.json").mkdir()
    assert "ranking.json of a retraining cannot be read" in found_of(run).problems[0]


def test_a_file_that_is_far_too_large_is_not_read(tmp_path, monkeypatch):
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / "anew", ACCURACIES)
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert "more than 100 bytes" in found_of(run).problems[0]


def test_of_very_many_folders_those_named_after_retrainings_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_FOLDERS", 5)
    run, made = searched(tmp_path / "small")
    for number in range(20):
        (tmp_path / f"a{number}").mkdir()
    retrain([run], [made], tmp_path / "retrain-small", ACCURACIES)
    retrain([run], [made], tmp_path / "b-after-them", ACCURACIES)
    assert [one.name for one in found_of(run).found] == ["retrain-small"]


def test_names_with_html_are_shown_not_executed(tmp_path):
    nasty = "<img src=x onerror=alert(1)>"
    run, made = searched(tmp_path / "small")
    retrain([run], [made], tmp_path / nasty, ACCURACIES, headline=nasty)
    page = text_of(run)
    assert "<img" not in page
    assert "Search rank against final rank: &lt;img" in page
    assert "Its model card says: &lt;img" in page
