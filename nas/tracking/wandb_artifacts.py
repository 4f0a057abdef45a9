"""What a session leaves in W&B at its end: the lineage table, the best network's drawing, the report, the best weights.

wandb cuts a table that is logged at 10,000 rows, and one in an artifact at 200,000, so the first holds those that
matter most, and the second is as many tables as it takes.
"""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from nas.reporting.drawings import svg
from nas.reporting.drawings.architecture import architecture_drawings
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
TABLE = "lineage"


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
    drawings = [
        (drawing.name, svg.file(Markup(drawing.image)))
        for drawing in architecture_drawings(best.genome, image_shape(history.identity))
    ]
    if drawings:
        artifact = _artifact(run, "architecture", about)
        for name, drawing in drawings:
            _add(artifact, f"{name}.svg", drawing.encode())
            image = png(drawing)
            if image is not None:
                _add(artifact, f"{name}.png", image)
        run.log_artifact(artifact)
    weights = weight_file(history.path.parent, best.number)
    if weights.exists():
        artifact = _artifact(run, "model", about)
        artifact.add_file(str(weights), name="weights.pt")
        run.log_artifact(artifact)


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
