"""What a session leaves in W&B at its end: the lineage table, the best network's drawing, the report, the best weights.

wandb cuts a table that is logged at 10,000 rows, and one in an artifact at 200,000, so the first holds those that
matter most, and the second is as many tables as it takes.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import PIL.Image

from nas.reporting.drawings import svg
from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.png import png
from nas.reporting.report import FILE_NAME as REPORT
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.weights import weight_file
from nas.tracking import lineage
from nas.tracking.wandb_account import load_wandb
from nas.tracking.wandb_folder import staged_in

SHOWN_ROWS = 10_000
ARTIFACT_ROWS = 200_000
TABLE, DRAWING = "lineage", "architecture"


def log_artifacts(run: Any, folder: Path) -> None:
    """Logs what there is of the search in a run folder.

    Raises:
        UserError: the journal is damaged.
    """
    history = History.load(folder)
    if not history.individuals:
        return
    with staged_in(run):
        _log_lineage(run, history)
        if history.best is not None:
            _log_best(run, history, history.best)
        _log_report(run, history)


def _log_lineage(run: Any, history: History) -> None:
    names, individuals = lineage.columns(history), history.individuals
    run.log({TABLE: _table(lineage.shown(history, SHOWN_ROWS), names)}, step=len(history.told_order))
    artifact = _artifact(run, TABLE, {"rows": len(individuals)})
    many = len(individuals) > ARTIFACT_ROWS
    for part, start in enumerate(range(0, len(individuals), ARTIFACT_ROWS), start=1):
        name = f"{TABLE}-{part:03d}" if many else TABLE
        artifact.add(_table(individuals[start : start + ARTIFACT_ROWS], names), name)
    run.log_artifact(artifact)


def _table(individuals: list[Individual], names: list[str]) -> Any:
    wandb, data = load_wandb(), lineage.rows(individuals, names)
    try:
        return wandb.Table(columns=names, data=data)
    except TypeError:  # a metric that is now a number and now a word
        return wandb.Table(columns=names, data=data, allow_mixed_types=True)


def _log_best(run: Any, history: History, best: Individual) -> None:
    about = {"number": best.number, "fitness": best.fitness}
    drawings = architecture_drawings(best.genome, image_shape(history.identity))
    if drawings:
        artifact = _artifact(run, DRAWING, about)
        images = [image for image in (_add_drawing(artifact, drawing) for drawing in drawings) if image is not None]
        run.log_artifact(artifact)
        if images:
            run.log({DRAWING: images}, step=len(history.told_order))
    weights = weight_file(history.path.parent, best.number)
    if weights.exists():
        artifact = _artifact(run, "model", about)
        artifact.add_file(str(weights), name="weights.pt")
        run.log_artifact(artifact)


def _add_drawing(artifact: Any, drawing: Drawing) -> Any:
    """The drawing as an image for the run's page; None without the extra `figures`."""
    file = svg.file(drawing.image)
    _add(artifact, f"{drawing.name}.svg", file.encode())
    image = png(file)
    if image is None:
        return None
    _add(artifact, f"{drawing.name}.png", image)
    return load_wandb().Image(PIL.Image.open(BytesIO(image)), caption=drawing.title)


def _log_report(run: Any, history: History) -> None:
    """One that is older than the journal is of an earlier session."""
    report = history.path.with_name(REPORT)
    if report.exists() and report.stat().st_mtime >= history.path.stat().st_mtime:
        artifact = _artifact(run, "report", {"individuals": len(history.individuals)})
        artifact.add_file(str(report), name=REPORT)
        run.log_artifact(artifact)


def _artifact(run: Any, kind: str, metadata: dict[str, Any]) -> Any:
    return load_wandb().Artifact(f"{kind}-{run.id}", type=kind, metadata=metadata)


def _add(artifact: Any, name: str, content: bytes) -> None:
    with artifact.new_file(name, mode="wb") as file:
        file.write(content)
