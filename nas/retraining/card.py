"""The model card: everything known of a retrained winner, as plain JSON beside its weights. Torch-free."""

import hashlib
import json
import os
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.data.class_names import class_names
from nas.data.dataset import Dataset
from nas.errors import UserError
from nas.evaluators.child import WEIGHTS_FILE, Outcome, write_json
from nas.json_file import read_json_file
from nas.metrics.base import ACCURACY
from nas.retraining.candidates import Candidate
from nas.retraining.contenders import WINNER, Contender
from nas.retraining.final_training import PREPROCESSING_FILE
from nas.retraining.ranking import Ranking
from nas.retraining_files import CARD_FILE, CARD_FORMAT, CARD_VERSION
from nas.search import provenance

_PARTS = ("test", "selection", "valid")


def make_card(
    *,
    candidate: Candidate,
    ranking: Ranking,
    contenders: Mapping[str, Contender],
    outcomes: Mapping[str, Sequence[Outcome]],
    seeds: Sequence[int],
    identity: Mapping[str, Any],
    dataset: Dataset,
    searches: Sequence[Mapping[str, Any]],
    command: Sequence[str],
    folder: Path,
    training_folders: Sequence[Path],
) -> dict[str, Any]:
    """The card of the winner; its weights are copied into the folder.

    The weights are those of the repeat with the best accuracy on the part that ranked: the test part chooses nothing.

    Args:
        contenders: the winner and the references, by name.
        outcomes: of their trainings, by name.
        seeds: of the winner's trainings.
        identity: of the retraining.
        searches: facts of the search that the winner comes from.
        command: that made it.
        folder: of the retraining.
        training_folders: of the winner's trainings.
    """
    own = outcomes[WINNER]
    metrics = own[0].metrics
    chosen = max(range(len(own)), key=lambda number: own[number].metrics[f"{ranking.part}_{ranking.metric}"])
    preprocessing = json.loads((training_folders[chosen] / PREPROCESSING_FILE).read_text())
    _copy(training_folders[chosen] / WEIGHTS_FILE, folder / WEIGHTS_FILE)
    metric = ranking.metric
    references = [_reference(contenders[name], group, metric) for name, group in outcomes.items() if name != WINNER]
    references.sort(key=lambda row: -_tested(row)["mean"])
    measured = _measured(own, metric)
    return {
        "format": CARD_FORMAT,
        "version": CARD_VERSION,
        "name": candidate.name,
        "headline": _headline(candidate.name, metric, measured, references),
        "genome": candidate.genome,
        "architecture": candidate.architecture,
        "network": identity["network"],
        "image_shape": list(dataset.image_shape),
        "num_classes": dataset.num_classes,
        "classes": list(class_names(dataset)),
        "preprocessing": preprocessing,
        "weights": {
            "file": WEIGHTS_FILE,
            "sha256": sha256(folder / WEIGHTS_FILE),
            "repeat": chosen,
            "seed": seeds[chosen],
            **{name: own[chosen].metrics[name] for name in own[chosen].metrics if name.endswith("_accuracy")},
        },
        **measured,
        "parameters": metrics["parameters"],
        "multiply_adds": metrics["multiply_adds"],
        "ranking": {"part": ranking.part, "rows": ranking.rows, "failed": ranking.failed},
        "references": references,
        "source": {"run": candidate.run, "number": candidate.number, "fitness": candidate.fitness},
        "equals": list(candidate.equals),
        "lineage": [dict(link) for link in candidate.lineage],
        "searches": [dict(search) for search in searches],
        "budgets": {"training": _budget(own), "ranking_device_s": sum(row["device_s"] for row in ranking.rows)},
        "dataset": identity["dataset"],
        "training": identity["training"],
        "seed": identity["seed"],
        "repeats": len(own),
        "seeds": list(seeds),
        "command": list(command),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "provenance": own[chosen].provenance,
    }


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Writes `card.html` and then `card.json`, each whole or not at all."""
    from nas.retraining.page import write_page

    write_page(folder, card)
    write_json(folder / CARD_FILE, card)


def read_card(path: Path) -> dict[str, Any]:
    """
    Raises:
        UserError: the file is missing, damaged, no card, or of a newer version.
    """
    data = read_json_file(path, "model card")
    if not isinstance(data, dict) or data.get("format") != CARD_FORMAT:
        raise UserError(f"{path} is no model card")
    if data.get("version") != CARD_VERSION:
        raise UserError(
            f"{path} is a model card of version {data.get('version')!r}, this nas reads version {CARD_VERSION}"
        )
    return data


def sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean, standard deviation (of the sample; None for one value), their number, and the values."""
    return {
        "mean": statistics.fmean(values),
        "sd": statistics.stdev(values) if len(values) > 1 else None,
        "n": len(values),
        "values": list(values),
    }


def shown(measured: Mapping[str, Any]) -> str:
    """A spread in words."""
    if measured["sd"] is None:
        return f"{measured['mean']:.4f} (one training)"
    return f"{measured['mean']:.4f} ± {measured['sd']:.4f} ({measured['n']} trainings)"


def _measured(outcomes: Sequence[Outcome], metric: str) -> dict[str, Any]:
    """Accuracies, and the values of the metric where it is another, by part."""
    measured = {"accuracy": _by_part(outcomes, ACCURACY)}
    return measured if metric == ACCURACY else measured | {"metric": {"name": metric, **_by_part(outcomes, metric)}}


def _by_part(outcomes: Sequence[Outcome], metric: str) -> dict[str, Any]:
    found = {}
    for part in _PARTS:
        if f"{part}_{metric}" in outcomes[0].metrics:
            found[part] = spread([outcome.metrics[f"{part}_{metric}"] for outcome in outcomes])
    return found


def _tested(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a card's row has on test, by the metric that counts."""
    tested = row.get("metric", row["accuracy"])["test"]
    assert isinstance(tested, Mapping)
    return tested


def _reference(contender: Contender, outcomes: Sequence[Outcome], metric: str) -> dict[str, Any]:
    """A row beside the winner; sizes are means, as random cells differ."""
    return {
        "name": contender.name,
        **({"extra_data": contender.extra_data} if contender.extra_data else {}),
        **_measured(outcomes, metric),
        "parameters": round(statistics.fmean(outcome.metrics["parameters"] for outcome in outcomes)),
        "multiply_adds": round(statistics.fmean(outcome.metrics["multiply_adds"] for outcome in outcomes)),
        "budget": _budget(outcomes),
    }


def _budget(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "train_examples": sum(outcome.metrics["train_examples"] for outcome in outcomes),
        "train_flops": sum(outcome.metrics["train_flops"] for outcome in outcomes),
        "device_s": sum(outcome.device_s for outcome in outcomes),
    }


def _headline(name: str, metric: str, measured: Mapping[str, Any], references: Sequence[Mapping[str, Any]]) -> str:
    words = f"test {metric.replace('_', ' ')}"
    own = f"{name} has {words} {shown(_tested(measured))}"
    if not references:
        return f"{own}."
    best = references[0]
    extra = f" (uses extra data: {best['extra_data']})" if "extra_data" in best else ""
    theirs = f"{shown(_tested(best))}{extra}"
    if _tested(best)["mean"] > _tested(measured)["mean"]:
        return f"The reference {best['name']} wins with {words} {theirs}; {own}."
    return f"{own}; the best reference, {best['name']}, has {theirs}."


def _copy(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, draft)
    os.replace(draft, target)
