"""Writes a retrained model as ONNX, torch.export or a plain state dict: `python -m nas.export run=NAME format=onnx`."""

from pathlib import Path

from omegaconf import DictConfig

from nas.application import fail, read_name, run_application
from nas.errors import UserError


def main() -> None:
    run_application(export, "export")


def export(config: DictConfig) -> None:
    """Writes the files that `format` names."""
    try:
        from nas.retraining.places import model_folder

        model = model_place(config)
        from nas.retraining.exporting import export_model
        from nas.retraining.loading import load_model

        out = model_folder(model) / "export" if config.out is None else Path(read_name(config, "out"))
        for path in export_model(load_model(model), out, read_name(config, "format")):
            print(f"Written: {path}")
    except UserError as error:
        fail(" ".join(str(error).split()))


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
