"""The best-practice checklist of NAS (Lindauer and Hutter 2020, arXiv 1909.02453), answered from journals.

An answer is "yes" only with evidence that is in the files; what they do not show is "no".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.comparison.results import Comparison
from nas.comparison.runs import Run
from nas.comparison.study_file import write_text
from nas.search.identity import differences

FILE_NAME = "checklist.md"
YES, NO, NOT_APPLICABLE = "yes", "no", "not applicable"
TABLES = ("table", "recorded_table")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question, its answer (`YES`, `NO` or `NOT_APPLICABLE`), and what in the files it rests on."""

    section: str
    question: str
    answer: str
    evidence: str


def checklist(comparison: Comparison) -> list[Answer]:
    """All questions, in the paper's order."""
    runs = [run for context in comparison.contexts for run in context.runs]
    questions: list[tuple[str, str, Callable[[Comparison, Sequence[Run]], tuple[str, str]]]] = [
        (_CODE, "The code of the training pipeline that evaluates the final architectures", _training_code),
        (_CODE, "The code of the search space", _code),
        (_CODE, "The hyperparameters of the final evaluation, and its random seeds", _final_settings),
        (_CODE, "The code of the NAS method", _code),
        (_CODE, "The hyperparameters of the NAS method, and its random seeds", _settings),
        (_COMPARING, "The same data set, split, search space, training code and hyperparameters for all", _benchmark),
        (_COMPARING, "Confounding factors controlled: hardware, library versions, budgets", _confounders),
        (_COMPARING, "Ablation studies", _ablation),
        (_COMPARING, "The same evaluation protocol for all methods", _protocol),
        (_COMPARING, "Performance over time", _over_time),
        (_COMPARING, "A comparison with random search", _random_search),
        (_COMPARING, "Several runs, and their seeds reported", _repeats),
        (_COMPARING, "A tabular or surrogate benchmark for evaluations in depth", _tabular),
        (_REPORTING, "How hyperparameters were tuned, and what time and resources that took", _tuning),
        (_REPORTING, "The time of the whole method from end to end", _time),
        (_REPORTING, "All details of the experimental set-up", _details),
    ]
    return [Answer(section, question, *answer(comparison, runs)) for section, question, answer in questions]


def write_checklist(answers: Sequence[Answer], folder: Path) -> Path:
    """Writes `checklist.md`, whole or not at all.

    Raises:
        UserError: it cannot be written.
    """
    lines = [
        "# NAS best-practice checklist",
        "",
        "Lindauer and Hutter, Best Practices for Scientific Research on Neural Architecture Search, JMLR 21 (2020),",
        "answered from the journals of this comparison. What its files do not show is answered no.",
    ]
    for section in dict.fromkeys(answer.section for answer in answers):
        lines += ["", f"## {section}", "", "| | answer | evidence |", "|---|---|---|"]
        own = [answer for answer in answers if answer.section == section]
        lines += [f"| {one.question} | **{one.answer}** | {one.evidence.replace('|', '/')} |" for one in own]
    path = folder / FILE_NAME
    write_text(path, "\n".join(lines) + "\n")
    return path


_CODE = "Releasing code"
_COMPARING = "Comparing methods"
_REPORTING = "Reporting details"


def _code(_: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    commits = {run.conditions.commit for run in runs}
    versions = _joined(run.conditions.versions.get("nas", "unknown") for run in runs)
    if commits == {None}:
        return YES, f"the released package nas {versions}"
    changed = sorted(str(commit) for commit in commits if commit is None or commit.endswith("+"))
    if changed:
        return NO, f"some searches ran from a changed or unknown checkout ({', '.join(changed)})"
    return YES, f"nas {versions}, commit {_joined(commits)}"


def _training_code(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    if _evaluators(runs) <= set(TABLES):
        return NOT_APPLICABLE, "final accuracies are looked up in a published table"
    return _code(comparison, runs)


def _final_settings(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    if _evaluators(runs) <= set(TABLES):
        return NOT_APPLICABLE, "final accuracies are looked up in a published table"
    if not all("test_best" in run.curve.measures for run in runs):
        return NO, "no test accuracy was measured"
    return _settings(comparison, runs)


def _settings(_: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    missing = [run.folder.name for run in runs if not (run.folder / "config.yaml").is_file()]
    if missing:
        return NO, f"{len(missing)} searches have no config.yaml, the first is {missing[0]}"
    return YES, f"config.yaml and the journal of each of the {len(runs)} searches; seeds {_seeds(runs)}"


def _benchmark(comparison: Comparison, _: Sequence[Run]) -> tuple[str, str]:
    for context in comparison.contexts:
        first, *others = (_benchmark_of(run) for run in context.runs)
        for other in others:
            found = differences(first, other)
            if found:
                return NO, f"searches of the context {context.name} differ in {found[0]}"
    return YES, "the identities in the journals' headers are equal but for the algorithm, with the data's fingerprint"


def _benchmark_of(run: Run) -> Mapping[str, Any]:
    return {key: run.conditions.identity.get(key) for key in ("search_space", "evaluator", "order", "constraint")}


def _confounders(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    for what, values in (
        ("devices", {tuple(sorted(run.conditions.devices)) for run in runs}),
        ("versions", {repr(sorted(run.conditions.versions.items())) for run in runs}),
        ("commits", {run.conditions.commit for run in runs}),
    ):
        if len(values) > 1:
            return NO, f"searches ran under {len(values)} different {what}"
    for context in comparison.contexts:
        if len({repr(sorted(run.conditions.budget.items())) for run in context.runs}) > 1:
            return NO, "budgets differ"
    devices = _joined(device for run in runs for device in run.conditions.devices) or "none told"
    return YES, f"one set of versions and one commit in all journals, equal budgets, devices: {devices}"


def _ablation(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    arms = comparison.contexts[0].arms
    names = [str(own[0].conditions.identity["algorithm"].get("name")) for own in arms.values()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        return YES, f"arms that differ in settings of one algorithm: {', '.join(repeated)}"
    if {"aging", "non_aging"} <= set(names):
        return YES, "aging switched off: the arms aging and non_aging differ in survival alone"
    return NO, "no two arms differ in settings of one algorithm"


def _protocol(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    answer, evidence = _benchmark(comparison, runs)
    if answer != YES:
        return answer, evidence
    k, primary = comparison.settings.top_k, comparison.settings.primary
    return YES, f"every arm by {primary} with k = {k} under the same budget"


def _over_time(_: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    axes = sorted(set.intersection(*(set(run.curve.axes) for run in runs)))
    return YES, f"curves against {', '.join(axes)} (curves.csv)"


def _random_search(comparison: Comparison, _: Sequence[Run]) -> tuple[str, str]:
    for context in comparison.contexts:
        names = {arm: own[0].conditions.identity["algorithm"].get("name") for arm, own in context.arms.items()}
        if "random" not in names.values():
            return NO, "no arm is random search"
    return YES, f"the arm {next(arm for arm, name in names.items() if name == 'random')}"


def _repeats(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    fewest = min(len(own) for context in comparison.contexts for own in context.arms.values())
    if fewest < 2:
        return NO, "an arm has a single run"
    return YES, f"at least {fewest} runs per arm; seeds {_seeds(runs)}"


def _tabular(_: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    found = _evaluators(runs) & set(TABLES)
    return (YES, "evaluator=table") if found else (NO, "children were not looked up in a table")


def _tuning(comparison: Comparison, _: Sequence[Run]) -> tuple[str, str]:
    if comparison.study is None:
        return NO, "the searches are of no study, so how their settings were chosen is not on record"
    note = (comparison.study.get("tuning") or {}).get("note")
    if note is not None:
        return NO, f"outside of this study: {note}"
    if comparison.tuning is None:
        return NOT_APPLICABLE, "untuned: published values (study.json, written before the first search)"
    spent = sum(one["device_s"] for own in comparison.tuning["arms"].values() for one in own["candidates"])
    arms = ", ".join(comparison.tuning["arms"])
    return (
        YES,
        f"{comparison.tuning['searches']} searches for each of {arms}, {spent / 3600:.2f} device-hours (tuning.json)",
    )


def _time(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    if _evaluators(runs) <= set(TABLES):
        return YES, "seconds that the looked-up trainings took, time_s in curves.csv"
    if not all("test_best" in run.curve.measures for run in runs):
        return NO, "the time of the search alone (runs.csv): no final model was evaluated on test"
    search = sum(run.elapsed_s for run in runs) / 3600
    devices = sum(run.device_s for run in runs) / 3600
    tuning = "" if comparison.tuning is None else ", with tuning as above"
    return YES, f"{search:.2f} hours of searching, {devices:.2f} device-hours of children in all (runs.csv){tuning}"


def _details(comparison: Comparison, runs: Sequence[Run]) -> tuple[str, str]:
    answer, evidence = _settings(comparison, runs)
    if answer != YES:
        return answer, evidence
    study = ", study.json" if comparison.study is not None else ""
    return YES, f"config.yaml, identity and versions of every search{study}, and the protocol on the page"


def _evaluators(runs: Sequence[Run]) -> set[str]:
    return {str(run.conditions.identity["evaluator"].get("name")) for run in runs}


def _seeds(runs: Sequence[Run]) -> str:
    seeds = sorted({run.seed for run in runs})
    whole = seeds == list(range(seeds[0], seeds[-1] + 1)) and len(seeds) > 2
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))


def _joined(values: Iterable[Any]) -> str:
    return ", ".join(sorted({str(value) for value in values}))
