"""Whether a search comes out again: `python -m nas.reproduce run=NAME individual=17`, or `archive=NAME.zip sample=3`.

Its children are asked for again, and individuals are measured again from genome, seed and settings of the journal. The
same command goes on where it was cut off.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from nas.application import build, fail, read_name, read_truth, read_whole, run_application, say
from nas.errors import UserError

EXIT_FAILED = 1
ACCELERATOR = "hardware.accelerator"
MOST_OF_ANYTHING = 1024  # threads, say, whatever a stranger's search had


def main() -> None:
    run_application(reproduce, "reproduce")


def reproduce(config: DictConfig) -> None:
    """One reproduction from a composed configuration; ends with exit code 1 where something is not reproduced."""
    from nas_launchers.executor import SubmissionRefused

    from nas.reproduction.judging import Verdict
    from nas.reproduction.printing import summary
    from nas.reproduction.source import opened_source

    try:
        run, archive = (None if config[key] is None else read_name(config, key) for key in ("run", "archive"))
        with opened_source(run, archive, read_name(config, "runs_dir")) as source:
            result, page = _reproduced(config, source)
    except (UserError, SubmissionRefused) as error:
        fail(" ".join(str(error).split()))
    print(f"{summary(result)}\nPage: {page}", flush=True)
    if result.verdict[0] in (Verdict.OTHER, Verdict.FAILED):
        sys.exit(EXIT_FAILED)


def _reproduced(config: DictConfig, source: Any) -> tuple[Any, Path]:
    """What was found, and its page."""
    from nas.reproduction import environments
    from nas.reproduction.asking import ask_again, check_consistency
    from nas.reproduction.folder import default_name, keep_identity, reproduction_identity, write_result
    from nas.reproduction.judging import judge
    from nas.reproduction.measuring import Measuring
    from nas.reproduction.remaking import remade_evaluator, remade_space
    from nas.reproduction.result import Reproduction
    from nas.search.locked_folder import locked_folder
    from nas.search.run import run_folder

    history, times = source.history, read_whole(config, "times")
    if times < 1:
        raise UserError(f"times is {times}, it must be at least 1")
    check_consistency(history)
    individuals = _individuals(config, history)
    recorded = environments.recorded_environment(history, source.environment)
    differences = environments.code_differences(recorded)
    hardware, evaluator = _hardware(config, recorded, individuals), None
    space = remade_space(history, _given_space(config))
    if individuals or history.identity.get("constraint") is not None:
        evaluator = remade_evaluator(history, space, hardware, _places(config))
    asking = ask_again(history, space, evaluator, differences) if read_truth(config, "ask") else None
    identity = reproduction_identity(history, individuals, times, hardware)
    out = default_name(source.name, identity) if config.out is None else read_name(config, "out")
    folder = run_folder(out, read_name(config, "runs_dir"))
    judged = []
    with locked_folder(folder, "folder of the reproduction", lambda: None) as lock:
        keep_identity(folder, identity)
        if evaluator is not None and individuals:
            parents, kept = source.ancestry(evaluator)
            measuring = Measuring(
                history=history,
                space=space,
                evaluator=evaluator,
                individuals=individuals,
                times=times,
                parents=parents,
                kept=kept,
            )
            for again in measuring.run(folder, _executors(hardware), lock, say):
                changed = environments.measurement_differences(recorded, again.individual, again.provenance)
                is_best = again.individual is history.best
                judged.append(judge(again, evaluator.fitness, changed, is_best))
        result = Reproduction(
            name=source.name,
            archive=None if source.archive is None else source.archive.said(evaluator),
            history=history,
            fitness_name="fitness" if evaluator is None else evaluator.fitness,
            recorded=recorded,
            differences=differences,
            packages=environments.package_differences(recorded),
            asking=asking,
            judged=judged,
            times=times,
        )
        return result, write_result(folder, identity, result)


def _executors(hardware: Any) -> Any:
    """Makes the executor that the composed launcher describes, whose files go to a folder."""
    from nas.launching import composed_executor, composed_launcher_kind, local_workers

    kind = composed_launcher_kind()
    return lambda folder: composed_executor(kind, local_workers(kind, hardware), folder, hardware)


def _individuals(config: DictConfig, history: Any) -> list[Any]:
    from nas.reproduction.choosing import BEST, named, spread

    if config.individual is not None and config.sample is not None:
        raise UserError(f"set one of individual and sample, not both ({config.individual!r} and {config.sample!r})")
    if config.sample is not None:
        return spread(history, config.sample, read_whole(config, "seed"))
    wanted = BEST if config.individual is None else config.individual
    return named(history, list(wanted) if isinstance(wanted, ListConfig) else [wanted])


def _hardware(config: DictConfig, recorded: Any, individuals: Sequence[Any]) -> Any:
    """What to train on: the search's numbers, where they change bits and the command line does not say otherwise."""
    from hydra.core.hydra_config import HydraConfig

    from nas.reproduction.environments import HARDWARE

    values = OmegaConf.to_container(config.hardware, resolve=True)
    assert isinstance(values, dict)
    given = tuple(override.partition("=")[0] for override in HydraConfig.get().overrides.task)
    places = [one.provenance for one in individuals if isinstance(one.provenance, Mapping)]
    known = {**({"threads": places[0].get("threads")} if places else {}), **recorded.hardware}
    if places and all(place.get("device") == "cpu" for place in places) and not {"hardware", ACCELERATOR} & {*given}:
        values["accelerator"] = "cpu"
    for key in HARDWARE:
        value = known.get(key)
        if f"hardware.{key}" in given or type(value) is not type(values[key]):
            continue
        if isinstance(value, bool):
            values[key] = value
        elif isinstance(value, int):
            values[key] = min(value, MOST_OF_ANYTHING)
    return build(values, "hardware")


def _given_space(config: DictConfig) -> Any:
    return None if config.get("search_space") is None else build(config.search_space, "search_space")


def _places(config: DictConfig) -> dict[str, dict[str, str]]:
    """Where data lies, as far as the command line says it."""
    return {
        group: {str(key): str(value) for key, value in config[group].items() if value is not None}
        for group in ("dataset", "evaluator")
    }


if __name__ == "__main__":
    main()
