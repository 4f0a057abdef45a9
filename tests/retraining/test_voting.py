"""The majority vote, by hand and by the command."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import torch

from nas import History
from nas.errors import UserError
from nas.retraining.voting import _majority, choose_members, vote
from nas.search.weights import FOLDER_NAME
from tests.retraining.test_searched import EXPERIMENT, run
from tests.test_contracts import composed


def test_the_majority_beside_counting_by_hand() -> None:
    """Ties go to the first member whose answer is among the most frequent."""
    rng = Random(0)
    columns = [[rng.randrange(4) for _ in range(5)] for _ in range(500)]
    expected = []
    for answers in columns:
        most = max(map(answers.count, answers))
        expected.append(next(answer for answer in answers if answers.count(answer) == most))
    assert _majority(torch.tensor(columns).T, 4).tolist() == expected


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory) -> list[History]:
    return [run(tmp_path_factory.mktemp("voting") / f"run-{seed}", seed=seed) for seed in range(2)]


def test_the_two_best_with_weights_vote(searches: list[History]) -> None:
    members = choose_members(searches, 2)
    assert [member.run.name for member in members] == ["run-0", "run-0", "run-1", "run-1"]
    for history, (first, second) in zip(searches, (members[:2], members[2:]), strict=True):
        assert first.individual is history.best
        kept = {int(path.stem) for path in (history.path.parent / FOLDER_NAME).iterdir()}
        better = [one.number for one in history.told if one.number in kept and one.number != first.individual.number]
        assert second.individual.fitness == max(history.individuals[number].fitness or 0 for number in better)
    found = vote(members, composed("dataset", *EXPERIMENT), composed("hardware", "hardware=cpu"))
    assert 0 < found.majority < 1
    assert [member for member, _ in found.members] == members
    alone = vote(members[:1], composed("dataset", *EXPERIMENT), composed("hardware", "hardware=cpu"))
    assert alone.majority == alone.members[0][1] == found.members[0][1]


def test_an_unfinished_search_keeps_its_test_images_sealed(searches: list[History], tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    lines = searches[0].path.read_bytes().splitlines(keepends=True)
    (folder / "history.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(UserError, match="the search open is not finished"):
        choose_members([History.load(folder)], 2)
    (folder / "history.jsonl").write_bytes(b"".join(lines))
    with pytest.raises(UserError, match="the search open kept no weights"):
        choose_members([History.load(folder)], 2)


def test_the_command_prints_members_and_majority(searches: list[History]) -> None:
    runs = ",".join(str(history.path.parent) for history in searches)
    done = subprocess.run(
        [sys.executable, "-m", "nas.ensemble", f"run=[{runs}]", "hardware=cpu"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == [
        "validation",
        *(m.name for m in choose_members(searches, 2)),
        "majority",
    ]
    missing = subprocess.run(
        [sys.executable, "-m", "nas.ensemble", "run=nowhere"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=200,
    )
    assert missing.returncode == 2
    assert missing.stderr.startswith("nas: there is no journal at nowhere")
