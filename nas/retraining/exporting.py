"""Writes a model in forms that need nothing of ours: ONNX, torch.export, a plain state dict."""

import json
import os
import re
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nas.errors import UserError
from nas.retraining.loading import Model
from nas.training.quiet import quiet_lightning

FILES = {"onnx": "model.onnx", "torch_export": "model.pt2", "state_dict": "model.pt"}
FORMATS = (*FILES, "all")
LARGEST_DIFFERENCE = 1e-4  # between the logits of a written model and ours
_ONNX_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # that torch's exporter puts around words
_CHECKED = 3  # images; another number than the example's, so that the batch is seen to be free


def export_model(model: Model, folder: Path, kind: str) -> list[Path]:
    """Writes the files of a format into the folder, each whole or not at all, and only when its logits are ours.

    Args:
        model: see `load_model`.
        folder: made if it is not there.
        kind: of `FORMATS`.

    Returns:
        The files.

    Raises:
        UserError: a file is there already, a package is missing, an op cannot be exported, or logits differ.
    """
    if kind not in FORMATS:
        raise UserError(f"format is {kind!r}, allowed are {', '.join(FORMATS)}")
    wanted = list(FILES) if kind == "all" else [kind]
    paths = {name: folder / FILES[name] for name in wanted}
    for path in paths.values():
        if path.exists():
            raise UserError(f"{path} exists already, nothing is overwritten: set out=FOLDER")
    if "onnx" in wanted:
        _require_onnx()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in paths.items():
            _write(path, _WRITERS[name], model)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return list(paths.values())


def export_facts(model: Model) -> dict[str, Any]:
    """What a user of the file needs besides the weights, as plain data."""
    card = model.card
    keys = ("name", "architecture", "network", "image_shape", "num_classes", "classes", "preprocessing", "accuracy")
    return {key: card[key] for key in keys}


def _write(path: Path, writer: Callable[[Model, Path], None], model: Model) -> None:
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        writer(model, draft)
        os.link(draft, path)  # refuses what came meanwhile
    finally:
        draft.unlink(missing_ok=True)


def _write_state_dict(model: Model, path: Path) -> None:
    torch.save({"state_dict": model.network.state_dict(), **json.loads(json.dumps(export_facts(model)))}, path)


def _write_torch_export(model: Model, path: Path) -> None:
    program = _exported("torch.export", lambda: torch.export.export(model, (_example(model),), **_any_batch()))
    torch.export.save(program, path, extra_files={"card.json": json.dumps(export_facts(model))})
    written = torch.export.load(path).module()
    _check(model, lambda images: written(images), "torch.export")


def _write_onnx(model: Model, path: Path) -> None:
    import onnxruntime

    def convert() -> Any:
        return torch.onnx.export(
            model,
            (_example(model),),
            dynamo=True,
            input_names=["images"],
            output_names=["logits"],
            verbose=False,
            **_any_batch(),
        )

    program = _exported("ONNX", convert)
    program.model.metadata_props.update({key: json.dumps(value) for key, value in export_facts(model).items()})
    program.save(str(path), external_data=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    _check(model, lambda images: torch.from_numpy(session.run(None, {"images": images.numpy()})[0]), "ONNX")


_WRITERS = {"onnx": _write_onnx, "torch_export": _write_torch_export, "state_dict": _write_state_dict}


def _example(model: Model) -> Tensor:
    return torch.randn(2, *model.card["image_shape"], generator=torch.Generator().manual_seed(0))


def _any_batch() -> dict[str, Any]:
    return {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}


def _exported(what: str, convert: Callable[[], Any]) -> Any:
    """
    Raises:
        UserError: torch cannot; the sentence names the op where torch does.
    """
    try:
        with warnings.catch_warnings(), torch.no_grad(), quiet_lightning():
            warnings.simplefilter("ignore")
            return convert()
    except Exception as error:  # torch has many classes for it, some of them private
        text = _whole_text(error)
        op = re.search(r"target=torch\.ops\.([\w.]+)|op='([\w.]+)'|(aten\.[\w.]+|prims\.[\w.]+)", text)
        named = next((group for group in op.groups() if group), None) if op else None
        lines = _COLOURS.sub("", str(error)).splitlines()
        reason = next((line.strip() for line in lines if line.strip()), type(error).__name__)
        named = f"the op {named}" if named else f"this network ({reason[:160]})"
        raise UserError(f"{named} cannot be exported to {what}") from error


def _whole_text(error: BaseException) -> str:
    """The message and those of its causes, the innermost first: it names the op most exactly."""
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        texts.insert(0, str(seen))
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


def _check(model: Model, written: Callable[[Tensor], Tensor], what: str) -> None:
    shape = (_CHECKED, *model.card["image_shape"])
    images = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        difference = float((written(images) - model(images)).abs().max())
    if not difference <= LARGEST_DIFFERENCE:
        raise UserError(f"logits of the {what} model differ by {difference:.1e}, allowed is {LARGEST_DIFFERENCE}")


def _require_onnx(packages: Sequence[str] = _ONNX_PACKAGES) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UserError(f"format=onnx needs {', '.join(missing)}: pip install 'nas-evolve[export]'")
