"""Writes the report of a run: `python -m nas.report run=NAME`, or a path, or a list of them.

`watch=true` serves the page of a running search on this machine, and renews it as children finish.
"""

from pathlib import Path

from omegaconf import DictConfig

from nas.application import fail, read_name, read_names, read_truth, read_whole, run_application, say
from nas.errors import UserError


def main() -> None:
    run_application(report, "report")


def report(config: DictConfig) -> None:
    """Writes `report.html` into every run named by `run`, or serves the page of one."""
    from nas.reporting.report import write_report
    from nas.search.run_names import existing_run, known_runs

    try:
        runs_dir, watch, port = read_name(config, "runs_dir"), read_truth(config, "watch"), read_whole(config, "port")
        if config.run in (None, []):
            raise UserError(f"run is missing: say run=NAME, or the path of a run folder{known_runs(runs_dir)}")
        folders = [existing_run(run, runs_dir) for run in read_names(config, "run")]
        if watch:
            _serve(folders, port)
            return
        for folder in folders:
            print(f"Report: {write_report(folder)}")
    except UserError as error:
        fail(str(error))


def _serve(folders: list[Path], port: int) -> None:
    from nas.serving.serve import serve

    if len(folders) > 1:
        raise UserError(f"watch=true serves one run, not {len(folders)}: {', '.join(map(str, folders))}")
    serve(folders[0], port, say)


if __name__ == "__main__":
    main()
