"""Says what runs are at: `python -m nas.status`, or of one run where its children stand: `... run=NAME`.

`cancel=true` ends the jobs of a run whose driver is gone.
"""

from pathlib import Path

from omegaconf import DictConfig

from nas.application import fail, read_name, read_truth, run_application, warn
from nas.errors import UserError


def main() -> None:
    run_application(status, "status")


def status(config: DictConfig) -> None:
    """Prints what there is to say."""
    from nas.search.run_names import existing_run

    try:
        runs_dir, cancel = Path(read_name(config, "runs_dir")), read_truth(config, "cancel")
        if config.run is not None:
            _one(existing_run(read_name(config, "run"), runs_dir), cancel)
        elif cancel:
            raise UserError("run is missing: cancel=true ends the jobs of run=NAME, or of the path of a run folder")
        else:
            _all(runs_dir)
    except UserError as error:
        fail(str(error))


def _all(runs_dir: Path) -> None:
    from rich.console import Console

    from nas.search.journal import FILE_NAME
    from nas.watching.printing import listing
    from nas.watching.standing import Standing

    standings = []
    for path in sorted(runs_dir.glob(f"*/{FILE_NAME}")):
        try:
            standings.append(Standing.load(path.parent))
        except UserError as error:
            warn(str(error))
    if not standings:
        print(f"There is no run in {runs_dir}.")
        return
    standings.sort(key=lambda standing: standing.last_s)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 10_000  # a pipe has no width
    console.print(listing(standings))


def _one(folder: Path, cancel: bool) -> None:
    from nas.search.journal import FILE_NAME
    from nas.watching.cancelling import cancel_jobs
    from nas.watching.printing import lines
    from nas.watching.queue import queue_of
    from nas.watching.standing import Standing

    if cancel:
        count = cancel_jobs(folder)
        print(f"{count} job{'s' if count != 1 else ''} of {folder} ended; the same command as before goes on with it.")
        return
    if not (folder / FILE_NAME).exists():
        raise UserError(f"{folder} has no journal: it is no search")
    standing = Standing.load(folder)
    launchers = {flight.launcher for flight in standing.jobs.values() if flight.launcher is not None}
    queue = queue_of(folder, launchers.pop()) if launchers else None
    print("\n".join(lines(standing, queue)))


if __name__ == "__main__":
    main()
