"""Classifies the images in a folder with a retrained model: `python -m nas.predict run=NAME FOLDER`."""

import sys
from pathlib import Path

from omegaconf import DictConfig

from nas.application import build, fail, read_name, read_whole, run_application
from nas.errors import UserError
from nas.export import model_place


def main() -> None:
    sys.argv[1:] = with_folder(sys.argv[1:])
    run_application(predict, "predict")


def with_folder(arguments: list[str]) -> list[str]:
    """The arguments for Hydra: a last one that is no `key=value` and no option is the folder."""
    *others, last = arguments or [""]
    is_value = bool(others) and others[-1].startswith("-") and "=" not in others[-1]
    if not last or "=" in last or last.startswith("-") or is_value:
        return arguments
    quoted = last.replace("\\", "\\\\").replace("'", "\\'")
    return [*others, f"folder='{quoted}'"]


def predict(config: DictConfig) -> None:
    """Writes the table `out`."""
    try:
        if config.folder is None:
            raise UserError("the folder is missing: say `python -m nas.predict run=NAME FOLDER`")
        batch_size = read_whole(config, "batch_size")
        if batch_size < 1:
            raise UserError(f"batch_size is {batch_size}, it must be at least 1")
        place = model_place(config)
        hardware = build(config.hardware, "hardware")
        from nas.retraining.loading import load_model
        from nas.retraining.prediction import predict_folder
        from nas.training.device import choose_device

        out = Path(read_name(config, "out"))
        count = predict_folder(
            load_model(place),
            Path(read_name(config, "folder")),
            out,
            batch_size=batch_size,
            device=choose_device(hardware),
            say=lambda sentence: print(f"nas: {sentence}", file=sys.stderr),
        )
        print(f"Written: {out} ({count} images)")
    except UserError as error:
        fail(" ".join(str(error).split()))


if __name__ == "__main__":
    main()
