"""Reads the searches of a comparison, one journal at a time, so that many large ones fit into memory."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.comparison.arms import check_study, make_arms
from nas.comparison.finals import Finals, references
from nas.comparison.results import Comparison, Context, Settings, make_context
from nas.comparison.runs import Run, run_of
from nas.comparison.study import ONLY, Study
from nas.errors import UserError
from nas.search.history import History

Say = Callable[[str], None]
FinalsOf = Callable[[History], Finals | None]


def gather_runs(
    histories: Sequence[History], settings: Settings, title: str, finals_of: FinalsOf, warn: Say, force: bool
) -> Comparison:
    """A comparison of searches that were run one by one.

    Args:
        finals_of: where a search's final accuracies can be looked up, see `Finals`.
        warn: takes a sentence on what makes the comparison weaker; the comparison has them too.
        force: see `make_arms`.

    Raises:
        UserError: see `make_arms`; or a sealed measurement is damaged.
    """
    warnings: list[str] = []
    arms = make_arms(histories, _both(warn, warnings), force)
    for history in histories:
        if not history.told:
            raise UserError(f"the search {history.path.parent.name} has told nothing, there is nothing to compare")
    runs = {arm: [run_of(one, settings.top_k, finals_of(one)) for one in own] for arm, own in arms.items()}
    context = make_context(ONLY, runs, settings, references(finals_of(histories[0])))
    return Comparison(title=title, settings=settings, contexts=[context], warnings=warnings)


def gather_study(
    folder: Path,
    study: Study,
    finals_of: FinalsOf,
    warn: Say,
    force: bool,
    *,
    said: Mapping[str, Any],
    tuning: Mapping[str, Any] | None,
    failures: Mapping[str, str],
) -> Comparison:
    """A comparison of a study's searches; those that did not end well are left out, and named.

    Args:
        folder: of the study.
        finals_of, warn, force: see `gather_runs`.
        said: what the study file says.
        tuning: what was tuned.
        failures: why searches did not end well, by their folder.

    Raises:
        UserError: an arm has no search that ended well, or searches are not comparable.
    """
    settings = Settings(
        primary=study.primary,
        top_k=study.top_k,
        checkpoints=study.checkpoints,
        threshold=study.threshold,
        published=study.published,
    )
    warnings: list[str] = []
    say = _both(warn, warnings)
    contexts: list[Context] = []
    for name in study.named_contexts:
        arms: dict[str, list[Run]] = {arm: [] for arm in study.arms}
        finals = None
        for search in study.searches():
            if search.context == name and search.folder not in failures:
                history = History.load(folder / search.folder)
                finals = finals_of(history)
                arms[search.arm].append(run_of(history, study.top_k, finals))
        contexts.append(make_context(name, _told(arms), settings, references(finals)))
        check_study([run.conditions for runs in arms.values() for run in runs], say, force)
    return Comparison(
        title=folder.name,
        settings=settings,
        contexts=contexts,
        warnings=warnings,
        study=said,
        tuning=tuning,
        failures=failures,
    )


def _told(arms: Mapping[str, Sequence[Run]]) -> Mapping[str, Sequence[Run]]:
    for arm, runs in arms.items():
        if not runs:
            raise UserError(f"no search of the arm {arm} ended well, there is nothing to compare it by")
    return arms


def _both(warn: Say, kept: list[str]) -> Say:
    def say(sentence: str) -> None:
        warn(sentence)
        kept.append(sentence)

    return say
