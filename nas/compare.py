"""Compares searches that differ in algorithm and seed: `python -m nas.compare 'run=[A,B,C,D]'`.

Or runs what is left of a whole study first: `python -m nas.compare experiment=compare_toy`. The same command goes on
with a study that was cut short, and shows a finished one again. With `proxy=true run=NAME`, how well the signal of one
finished search ranks what `proxy_study.final` finds.
"""

import sys
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from nas.application import fail, read_name, read_names, read_truth, run_application, warn
from nas.errors import UserError

EXIT_FAILED = 1


def main() -> None:
    run_application(compare, "compare")


def compare(config: DictConfig) -> None:
    """Prints what was found, and writes the page, its figures and tables."""
    from nas_launchers.executor import SubmissionRefused

    from nas.proxy_study import run_proxy

    try:
        has_failures = run_proxy(config) if read_truth(config, "proxy") else bool(_compare(config).failures)
    except (UserError, SubmissionRefused) as error:
        fail(" ".join(str(error).split()))
    if has_failures:
        sys.exit(EXIT_FAILED)


def _compare(config: DictConfig) -> Any:
    from nas.comparison.checklist import checklist, write_checklist
    from nas.comparison.page import write_page
    from nas.comparison.printing import summary
    from nas.comparison.tables import write_tables
    from nas.reporting.facts import typed_command
    from nas.search.run import run_folder
    from nas.study import run_study

    if config.run is None and not config.compare.arms:
        raise UserError("nothing is said to compare: say run=[NAME,NAME,...] or experiment=compare_toy")
    folder = run_folder(read_name(config, "out"), read_name(config, "runs_dir"))
    comparison = _runs(config, folder) if config.run is not None else run_study(config, folder)
    print(summary(comparison))
    write_tables(comparison, folder)
    answers = checklist(comparison)
    write_checklist(answers, folder)
    page = write_page(comparison, answers, folder, typed_command(sys.argv))
    print(f"Tables: {folder}")
    print(f"Page: {page}")
    return comparison


def _runs(config: DictConfig, folder: Path) -> Any:
    from nas.comparison.gathering import gather_runs
    from nas.comparison.results import Settings
    from nas.recorded import recorded_finals, recorded_histories
    from nas.study import plain_values, read_reevaluation

    plain = plain_values(config)
    if read_reevaluation(plain["reevaluate"]).top:
        raise UserError("compare.reevaluate measures the searches of a study, it must be 0 with run=")
    settings = Settings(**{key: plain[key] for key in ("primary", "top_k", "checkpoints", "threshold")})
    histories = recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))
    return gather_runs(histories, settings, folder.name, recorded_finals, warn, read_truth(config, "force"))


if __name__ == "__main__":
    main()
