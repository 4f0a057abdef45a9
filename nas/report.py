"""Writes the report of a run: `python -m nas.report run=NAME`, or a path, or a list of them."""

from pathlib import Path

from omegaconf import DictConfig, ListConfig

from nas.application import fail, run_application
from nas.errors import UserError


def main() -> None:
    run_application(report, "report")


def report(config: DictConfig) -> None:
    """Writes `report.html` into every run named by `run`."""
    from nas.reporting.report import write_report
    from nas.search.run import run_folder

    runs = config.run if isinstance(config.run, ListConfig) else [config.run]
    try:
        if not runs or runs == [None]:
            raise UserError("run is missing: say run=NAME, or the path of a run folder")
        for run in runs:
            folder = run_folder(str(run), config.runs_dir)
            print(f"Report: {write_report(folder if folder.exists() else Path(str(run)))}")
    except UserError as error:
        fail(str(error))
    except OSError as error:
        fail(f"the report cannot be written: {error.strerror} ({error.filename})")


if __name__ == "__main__":
    main()
