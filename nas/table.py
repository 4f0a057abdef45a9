"""Makes tables for look-ups: `python -m nas.table official=PATH out=nasbench201.npz` converts the files of NATS-Bench
and NAS-Bench-201, `python -m nas.table run=NAME out=mine.npz` exports searches. See `docs/tables.md`.
"""

from pathlib import Path

from omegaconf import DictConfig

from nas.application import fail, read_name, read_names, run_application
from nas.errors import UserError


def main() -> None:
    run_application(table, "table")


def table(config: DictConfig) -> None:
    """Writes the table that `official` or `run` names."""
    try:
        if (config.official is None) == (config.run is None):
            raise UserError("say either official=PATH, to convert a benchmark, or run=NAME, to export searches")
        if config.out is None:
            raise UserError("out is missing: say out=FILE.npz")
        out = Path(read_name(config, "out"))
        if out.suffix != ".npz":
            raise UserError(f"out is {str(out)!r}, it must end in .npz")
        if config.official is not None:
            _convert(Path(read_name(config, "official")), out)
        else:
            _export(read_names(config, "run"), read_name(config, "runs_dir"), out)
    except UserError as error:
        fail(" ".join(str(error).split()))


def _convert(official: Path, out: Path) -> None:
    from nas.tables.arrays import write_arrays
    from nas.tables.nasbench201 import NUM_ARCHITECTURES, convert_official

    print(f"Converting {official}, some minutes for all {NUM_ARCHITECTURES:,} architectures ...", flush=True)
    arrays = convert_official(official, _show)
    write_arrays(out, arrays)
    rows = len(arrays["ops"])
    missing = f", {NUM_ARCHITECTURES - rows:,} are missing" if rows < NUM_ARCHITECTURES else ""
    print(f"Table: {out}, {rows:,} architectures{missing}. Use it: evaluator=table evaluator.path={out}")


def _show(done: int) -> None:
    if done % 1000 == 0:
        print(f"{done:,}", flush=True)


def _export(runs: list[str], runs_dir: str, out: Path) -> None:
    from nas.recorded import recorded_histories, recorded_space
    from nas.tables.export import export_table

    histories = recorded_histories(runs, runs_dir)
    recorded = export_table(histories, [recorded_space(history) for history in histories])
    recorded.write(out)
    print(
        f"Table: {out}, {len(recorded.genomes):,} genomes of {recorded.size_of_space:,}, {recorded.count.sum():,} "
        f"individuals. Use it: evaluator=recorded_table evaluator.path={out}"
    )


if __name__ == "__main__":
    main()
