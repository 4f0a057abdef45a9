"""A retraining from its candidates to the model card."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nas_launchers.executor import TimedOut
from nas_launchers.inline import InlineExecutor, InlineJob
from parts import dataset, hardware, network, recipe

import nas.training.run
from nas import History
from nas.errors import UserError
from nas.reporting.material import Material
from nas.reporting.retrainings import retrainings
from nas.retraining.candidates import published
from nas.retraining.card import read_card
from nas.retraining.retraining import Result

Make = Callable[..., Any]


def results(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.parent.name: json.loads(path.read_text())["metrics"] for path in folder.glob("trainings/*/result.json")
    }


def test_the_winner_is_the_best_on_the_selection_part(finished: Result) -> None:
    found = results(finished.folder)
    card = finished.card
    assert card is not None
    accuracies = [found[f"candidate-{number:03d}"]["selection_accuracy"] for number in range(2)]
    assert card["ranking"]["part"] == "selection"
    assert [row["accuracy"] for row in card["ranking"]["rows"]] == sorted(accuracies, reverse=True)
    assert card["name"] == card["ranking"]["rows"][0]["name"]


def test_without_a_selection_part_validation_ranks(make: Make, run_here: Make, tmp_path: Path) -> None:
    result = run_here(make(dataset=dataset(), repeats=1), tmp_path / "one")
    found = results(result.folder)
    assert result.card["ranking"]["part"] == "valid"
    assert result.card["ranking"]["rows"][0]["accuracy"] == max(
        found[f"candidate-{number:03d}"]["valid_accuracy"] for number in range(2)
    )
    assert result.card["accuracy"]["test"]["sd"] is None


def test_test_is_measured_for_repeats_only(finished: Result) -> None:
    for name, metrics in results(finished.folder).items():
        assert ("test_accuracy" in metrics) is not name.startswith("candidate")


def test_no_test_image_is_seen_before_the_winner_is_written_down(
    make: Make, run_here: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen = tmp_path / "sealed", list[tuple[bool, bool]]()
    wanted = dataset(num_selection=100)
    whole = nas.training.run.evaluation_batches

    def watched(data: Any, part: Any, **arguments: Any) -> Any:
        seen.append((part is wanted.load().test, (folder / "ranking.json").exists()))
        return whole(data, part, **arguments)

    monkeypatch.setattr(nas.training.run, "evaluation_batches", watched)
    run_here(make(dataset=wanted, repeats=1), folder)
    assert (True, True) in seen
    assert (True, False) not in seen


def test_the_card_says_everything(finished: Result, searched: History) -> None:
    card, found = read_card(finished.folder / "card.json"), results(finished.folder)
    assert card == finished.card
    values = [found[f"winner-{number}"]["test_accuracy"] for number in range(2)]
    assert card["accuracy"]["test"]["values"] == values
    assert card["accuracy"]["test"]["mean"] == sum(values) / 2
    assert card["accuracy"]["test"]["n"] == 2
    best = max(range(2), key=lambda number: found[f"winner-{number}"]["selection_accuracy"])
    assert card["weights"]["repeat"] == best
    assert card["weights"]["test_accuracy"] == values[best]
    assert card["lineage"][0]["number"] == card["source"]["number"]
    assert card["searches"][0]["evaluations"] == len(searched.told)
    assert card["dataset"]["fingerprint"] == dataset().fingerprint()
    assert card["versions"]["torch"]
    assert card["budgets"]["training"]["train_examples"] == 2 * found["winner-0"]["train_examples"]
    assert len(set(card["seeds"])) == 2
    assert {row["name"] for row in card["references"]} == {"resnet18", "random_cells"}
    page = (finished.folder / "card.html").read_text()
    assert "<svg" in page
    assert card["headline"].split("±")[0] in page


def test_references_have_the_winners_seeds_and_a_better_one_is_the_headline(finished: Result) -> None:
    card = finished.card
    assert card is not None
    best = card["references"][0]
    wins = best["accuracy"]["test"]["mean"] > card["accuracy"]["test"]["mean"]
    assert card["headline"].startswith("The reference") is wins


def test_a_finished_retraining_does_nothing(finished: Result, make: Make, run_here: Make) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.folder.rglob("*")}
    again = run_here(make(references=["resnet18", "random_cells"]), finished.folder)
    assert again.was_finished
    assert again.card == finished.card
    assert {path: path.stat().st_mtime_ns for path in finished.folder.rglob("*")}.items() >= {
        path: time for path, time in before.items() if path.is_file()
    }.items()


def test_finished_trainings_are_not_repeated(
    finished: Result, make: Make, run_here: Make, science: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "again"
    shutil.copytree(finished.folder, folder)
    (folder / "card.json").unlink()
    (folder / "trainings" / "winner-1" / "result.json").unlink()
    said: list[str] = []
    again = run_here(make(references=["resnet18", "random_cells"]), folder, said)
    assert science(again.card) == science(finished.card)
    assert [sentence.split(":")[0] for sentence in said] == ["winner-1"]


def test_a_single_candidate_is_not_ranked(make: Make, run_here: Make, tmp_path: Path) -> None:
    result = run_here(make(candidates=[published("amoebanet_c")], searches=[], repeats=1), tmp_path / "one")
    assert set(results(result.folder)) == {"winner-0"}
    assert result.card["name"] == "amoebanet_c"
    assert result.card["lineage"] == []


def test_folders_of_others_are_refused(
    finished: Result, make: Make, run_here: Make, searched: History, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="lies in the run folder"):
        run_here(make(), searched.path.parent)
    with pytest.raises(UserError, match="lies in the run folder"):
        run_here(make(), searched.path.parent / "below")
    with pytest.raises(UserError, match=r"another retraining.*repeats \(2 there, 3 here\)"):
        run_here(make(repeats=3, references=["resnet18", "random_cells"]), finished.folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(UserError, match="no retraining's"):
        run_here(make(), tmp_path / "mine")
    assert os.listdir(tmp_path / "mine") == ["notes.txt"]


def test_where_all_candidates_fail_the_reason_is_told(make: Make, run_here: Make, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"all 2 candidates failed.*'cuda'"):
        run_here(make(hardware=hardware(accelerator="cuda")), tmp_path / "none")


def test_a_network_that_cannot_be_built_is_refused_before_anything_is_written(make: Make) -> None:
    with pytest.raises(UserError, match="auxiliary_head"):
        make(network=network(auxiliary_head=True))
    with pytest.raises(UserError, match="did you mean resnet18"):
        make(references=["resnet-18"])
    with pytest.raises(UserError, match="repeats is 0"):
        make(repeats=0)


class CutOff(InlineExecutor):
    """Ends the first jobs after their first epoch, as a time limit does."""

    def __init__(self, times: int) -> None:
        self.times = times

    def submit(self, fn: Callable[..., Any], *args: Any, label: str = "") -> InlineJob:
        if self.times == 0:
            return super().submit(fn, *args, label=label)
        self.times -= 1
        evaluator, task, _ = args
        checkpoint = task.folder / "last.ckpt"
        if not checkpoint.exists():
            _train_one_epoch(evaluator, task)
        else:
            os.utime(checkpoint, (checkpoint.stat().st_mtime + 1,) * 2)
        return InlineJob(None, TimedOut("it ran longer than 1 s"))


def _train_one_epoch(evaluator: Any, task: Any) -> None:
    class Stop(Exception):
        pass

    def interrupt(*_: Any) -> None:
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        from nas.training.checkpoint import EpochCheckpoint

        save = EpochCheckpoint.on_train_epoch_end

        def save_and_stop(*args: Any) -> None:
            save(*args)
            interrupt()

        patch.setattr(EpochCheckpoint, "on_train_epoch_end", save_and_stop)
        with pytest.raises(Stop):
            evaluator.evaluate(task)


def test_a_training_cut_off_by_its_limit_goes_on(make: Make, run_here: Make, science: Make, tmp_path: Path) -> None:
    retraining = make(training=recipe(epochs=2), repeats=1)
    whole = run_here(retraining, tmp_path / "whole")
    said: list[str] = []
    cut = retraining.run(tmp_path / "cut", lambda _: CutOff(2), said.append)
    assert science(cut.card) == science(whole.card)
    assert sum("goes on from its last epoch" in sentence for sentence in said) == 2
    assert not list((tmp_path / "cut").rglob("last.ckpt"))


def test_the_report_of_the_search_has_the_retraining(finished: Result, searched: History, tmp_path: Path) -> None:
    run = shutil.copytree(searched.path.parent, tmp_path / searched.path.parent.name)
    shutil.copytree(finished.folder, tmp_path / "anew")
    (found,) = retrainings(Material(History.load(run))).found
    assert finished.card is not None
    assert found.headline == finished.card["headline"]
    rows = [(f"{run.name}-{row.individual.number}", row.accuracy) for row in found.rows]
    assert rows == [(row["name"], row["accuracy"]) for row in finished.card["ranking"]["rows"]]
