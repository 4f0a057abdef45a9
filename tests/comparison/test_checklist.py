"""The checklist says yes only where the files show it."""

from pathlib import Path

from nas.comparison.checklist import NO, NOT_APPLICABLE, YES, Answer, checklist, write_checklist
from nas.comparison.gathering import gather_runs
from nas.comparison.results import Comparison, Settings
from tests.comparison.test_compare import aging, search
from tests.helpers.tables import tables

SETTINGS = Settings(primary="best", top_k=5)


def compared(*histories: object, force: bool = False) -> Comparison:
    return gather_runs(histories, SETTINGS, "here", lambda _: None, lambda _: None, force)  # type: ignore[arg-type]


def answers(comparison: Comparison) -> dict[str, Answer]:
    return {answer.question.partition(",")[0]: answer for answer in checklist(comparison)}


def test_answers_follow_the_files(tmp_path: Path) -> None:
    runs = [search(tmp_path / f"{size}-{seed}", aging(size), seed) for size in (5, 10) for seed in range(2)]
    found = answers(compared(*runs))
    assert len(found) == 16
    assert found["A comparison with random search"].answer == NO
    assert found["Ablation studies"].answer == YES
    assert found["Several runs"].answer == YES
    assert "seeds 0, 1" in found["Several runs"].evidence
    assert found["How hyperparameters were tuned"].answer == NO
    assert found["The hyperparameters of the NAS method"].answer == NO  # run_search in Python keeps no config.yaml
    for run in runs:
        (run.path.parent / "config.yaml").write_text("seed: 0\n")
    assert answers(compared(*runs))["The hyperparameters of the NAS method"].answer == YES
    assert found["The time of the whole method from end to end"].answer == NO
    assert found["The same data set"].answer == YES


def test_what_differs_is_named(tmp_path: Path) -> None:
    runs = [search(tmp_path / "a", aging(), 0), search(tmp_path / "b", aging(), 1, noise=0.5)]
    found = answers(compared(*runs, force=True))
    assert found["The same data set"] == Answer(
        "Comparing methods",
        "The same data set, split, search space, training code and hyperparameters for all",
        NO,
        "searches of the context all differ in evaluator.noise (0.01 there, 0.5 here)",
    )
    assert found["The same evaluation protocol for all methods"].answer == NO


def test_a_changed_checkout_is_no_released_code(tmp_path: Path) -> None:
    runs = [search(tmp_path / str(seed), aging(), seed) for seed in range(2)]
    for run, commit in zip(runs, ("abc+", "abc"), strict=True):
        run.sessions[-1]["commit"] = commit
    assert answers(compared(*runs))["The code of the NAS method"].answer == NO
    for run in runs:
        run.sessions[-1]["commit"] = "abc"
    released = answers(compared(*runs))["The code of the NAS method"]
    assert (released.answer, released.evidence.endswith("commit abc")) == (YES, True)


def test_the_file_has_a_row_for_every_question(tmp_path: Path) -> None:
    runs = [search(tmp_path / str(seed), aging(), seed) for seed in range(2)]
    found = checklist(compared(*runs))
    text = write_checklist(found, tmp_path).read_text()
    rows = [line for line in text.splitlines() if "**" in line]
    assert len(rows) == len(found)
    for row, answer in zip(rows, found, strict=True):
        assert f"| **{answer.answer}** |" in row


def test_looked_up_children_need_no_training_code(tmp_path: Path) -> None:
    from nas import run_search
    from nas.algorithms.random_search import RandomSearch
    from nas.evaluators.table import TableEvaluator
    from nas.search_spaces.nasbench201 import NasBench201

    space = NasBench201()
    path = str(tables() / "nasbench201.npz")
    table = TableEvaluator(space=space, path=path, data="cifar10", epochs=12, seeds="mean", evaluation_s=2.4)
    runs = [
        run_search(
            space=space, algorithm=RandomSearch(space), evaluator=table, budget=5, seed=seed, run=tmp_path / f"t{seed}"
        ).history()
        for seed in range(2)
    ]
    found = answers(compared(*runs))
    assert found["The code of the training pipeline that evaluates the final architectures"].answer == NOT_APPLICABLE
    assert found["A tabular or surrogate benchmark for evaluations in depth"].answer == YES
    assert found["A comparison with random search"].answer == YES


def test_bits_are_not_a_table(tmp_path: Path) -> None:
    runs = [search(tmp_path / str(seed), aging(), seed) for seed in range(2)]
    assert answers(compared(*runs))["A tabular or surrogate benchmark for evaluations in depth"].answer == NO
