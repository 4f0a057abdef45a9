"""Writes a retrained model as ONNX, torch.export or a plain state dict: `python -m nas.export run=NAME format=onnx`; or
a search as one file that others can check: `python -m nas.export run=NAME format=archive`.
"""

from pathlib import Path

from omegaconf import DictConfig

from nas.application import fail, read_name, run_application, say
from nas.errors import UserError

ARCHIVE = "archive"


def main() -> None:
    run_application(export, "export")


def export(config: DictConfig) -> None:
    """Writes the files that `format` names."""
    try:
        if config.format == ARCHIVE:
            print(f"Written: {_archive(config)}")
            return
        from nas.retraining.places import model_folder

        model = model_place(config)
        from nas.retraining.exporting import export_model
        from nas.retraining.loading import load_model

        out = model_folder(model) / "export" if config.out is None else Path(read_name(config, "out"))
        for path in export_model(load_model(model), out, read_name(config, "format")):
            print(f"Written: {path}")
    except UserError as error:
        fail(" ".join(str(error).split()))


def _archive(config: DictConfig) -> Path:
    """The search that `run` names as one file; beside its run folder, unless `out` says where."""
    from nas.reproduction.archiving import write_archive
    from nas.search.run_names import existing_run, known_runs

    runs_dir = read_name(config, "runs_dir")
    if config.run is None:
        raise UserError(f"run is missing: say run=NAME, or the path of a run folder{known_runs(runs_dir)}")
    folder = existing_run(read_name(config, "run"), runs_dir)
    if not folder.is_dir():
        raise UserError(f"run is {str(folder)!r}, an archive is made of the folder of a search")
    beside = folder.absolute().with_name(f"{folder.absolute().name}.zip")
    return write_archive(folder, beside if config.out is None else Path(read_name(config, "out")), say)


def model_place(config: DictConfig) -> Path:
    """What `run` means, see `nas.retraining.places.model_path`.

    Raises:
        UserError: `run` is missing, or there is no model.
    """
    from nas.retraining.places import model_path
    from nas.search.run import run_folder

    if config.run is None:
        raise UserError("run is missing: say run=NAME, the path of a folder, or a card.json")
    run = read_name(config, "run")
    folder = run_folder(run, read_name(config, "runs_dir"))
    return model_path(folder if folder.exists() else Path(run))


if __name__ == "__main__":
    main()
