"""Trains the best of a search anew, enlarged and for long, and tests the winner: `python -m nas.retrain run=NAME`.

Also a published model (`model=amoebanet_a`) or a genome from a file (`genome=FILE.json`). The same command resumes.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from nas.application import build, fail, read_name, read_names, read_truth, read_whole, run_application, say
from nas.errors import UserError
from nas.launching import composed_launcher_kind, local_workers, ready_executor

EXIT_STOPPED = 130


def main() -> None:
    run_application(retrain, "retrain")


def retrain(config: DictConfig) -> float | None:
    """One retraining from a composed configuration.

    Returns:
        The winner's mean test accuracy; None if it was stopped.
    """
    from nas_launchers.executor import SubmissionRefused

    try:
        result = _retrained(config)
    except (UserError, SubmissionRefused) as error:
        fail(" ".join(str(error).split()))
    if result.card is None:
        print(f"Stopped by {result.message}; the same command resumes it, nothing is lost.\nFolder: {result.folder}")
        sys.exit(EXIT_STOPPED)
    if result.was_finished:
        print("This retraining is finished already.")
    print(f"{result.card['headline']}\nModel card: {result.folder / 'card.html'}", flush=True)
    return result.card["accuracy"]["test"]["mean"]


def _retrained(config: DictConfig) -> Any:
    from nas.retraining.candidates import search_facts
    from nas.retraining.retraining import Retraining
    from nas.search.attempts import Patience
    from nas.search.run import run_folder

    histories = _histories(config)
    finetuned = build(config.finetuned, "finetuned")
    retraining = Retraining(
        candidates=_candidates(config, histories),
        searches=[search_facts(history) for history in histories],
        dataset=_dataset(config, histories),
        network=build(config.network, "network"),
        training=build(config.training, "training"),
        hardware=build(config.hardware, "hardware"),
        seed=read_whole(config, "seed"),
        repeats=config.repeats,
        references=_references(config, finetuned),
        resnet=build(config.resnet, "resnet"),
        finetuned=finetuned,
        space=_space(config, histories),
        metric=_metric(config, histories),
        patience=Patience(max_attempts=config.max_attempts, max_interruptions=config.max_interruptions),
        curves=_curves(config, histories),
        save_within_epoch_s=config.save_within_epoch_s,
    )
    hardware, kind = retraining.hardware, composed_launcher_kind()
    workers, preflight = _workers(kind, retraining), read_truth(config, "preflight")
    out = retraining.default_name if config.out is None else read_name(config, "out")
    return retraining.run(
        run_folder(out, read_name(config, "runs_dir")),
        lambda folder: ready_executor(
            kind, workers, folder, hardware, wanted=preflight, parts=retraining, data=retraining.dataset
        ),
        lambda sentence: print(sentence, flush=True),
    )


def _curves(config: DictConfig, histories: list[Any]) -> Any:
    """What logs the trainings' curves."""
    if "_target_" not in (config.tracker or {}):
        return None
    return build(config.tracker, "tracker").curves(histories)


def _workers(kind: str, retraining: Any) -> int:
    """Trainings at once; on a cluster `auto` is all of them."""
    if kind == "submitit_slurm" and retraining.hardware.workers == "auto":
        return retraining.most_at_once
    return local_workers(kind, retraining.hardware)


def _histories(config: DictConfig) -> list[Any]:
    from nas.recorded import recorded_histories

    given = [key for key in ("run", "model", "genome") if config[key] is not None]
    if len(given) != 1:
        raise UserError(f"set one of run=NAME, model=NAME and genome=FILE, not {' and '.join(given) or 'none'}")
    if config.run is None:
        return []
    return recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))


def _candidates(config: DictConfig, histories: list[Any]) -> list[Any]:
    from nas.recorded import recorded_space
    from nas.retraining.candidates import best_of, from_file, published

    if config.model is not None:
        return [published(read_name(config, "model"))]
    if config.genome is not None:
        return [from_file(Path(read_name(config, "genome")))]
    top_k = read_whole(config, "top_k")
    if top_k < 1:
        raise UserError(f"top_k is {top_k}, it must be at least 1")
    spaces = [recorded_space(history) for history in histories]
    found = best_of(histories, [_architect(space) for space in spaces], top_k)
    if len(found) < top_k:
        print(
            f"top_k is {top_k}, but there are {len(found)} different finished genomes: all are retrained.", flush=True
        )
    return found


def _architect(space: Any) -> Any:
    return lambda genome: space.architecture(space.from_json(genome))


def _dataset(config: DictConfig, histories: list[Any]) -> Any:
    from nas.recorded import recorded_dataset, same_dataset

    if "_target_" in config.dataset:
        return build(config.dataset, "dataset")
    if not histories:
        raise UserError("the dataset is missing: a model or a genome has none of its own, set dataset=NAME")
    if not same_dataset(histories):
        raise UserError("the runs were made on different data, set dataset=NAME")
    changes = OmegaConf.to_container(config.dataset, resolve=True)
    assert isinstance(changes, Mapping)
    return recorded_dataset(histories[0], {str(key): value for key, value in changes.items()})


def _references(config: DictConfig, finetuned: Any) -> list[str]:
    """Those that are asked for, and of the optional ones those whose weights are here."""
    from nas.retraining.contenders import check_references

    optional = read_names(config, "optional_references")
    check_references(optional)
    references = read_names(config, "references")
    for name in [name for name in optional if name not in references]:
        if name == finetuned.name and not finetuned.is_present:
            say(f"The reference {name} is left out: its weights {finetuned.path} are not there, nothing is downloaded.")
        else:
            references.append(name)
    return references


def _metric(config: DictConfig, histories: list[Any]) -> Any:
    from nas.metrics.accuracy import Accuracy
    from nas.recorded import recorded_metric

    if config.get("metric") is not None:
        return build(config.metric, "metric")
    found = [recorded_metric(history) for history in histories] or [Accuracy()]
    if any(metric != found[0] for metric in found):
        raise UserError("the runs were made by different metrics, set metric=NAME")
    return found[0]


def _space(config: DictConfig, histories: list[Any]) -> Any:
    from hydra import compose

    from nas.recorded import recorded_space

    if config.get("search_space") is not None:
        return build(config.search_space, "search_space")
    return recorded_space(histories[0]) if histories else build(compose("config").search_space, "search_space")


if __name__ == "__main__":
    main()
