"""One search by one library, in the environment that has it: what `benchmarks.peers` starts in processes of their own.

    python -m benchmarks.peer_searches NAME '{"num_decisions": 40, ...}' PACKAGE...

Prints one line of JSON: evaluations, seconds, cpu_s, best, versions. The fitness is the same everywhere, and a search
of a few evaluations goes before the one that is timed, so that imports and first uses are on nobody's clock.

Differs between the libraries: ours, plain Python and syne-tune change exactly one decision and draw the sample with
replacement; pyglove and deephyper draw one decision anew, half the time to the same value, and sample without
replacement. Where a library offers several spellings of a binary decision or of a loop, the fastest is taken.
"""

import contextlib
import json
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.peer_setting import Fitness, Outcome, Setting, Watch

WARM_UP_EVALUATIONS = 5


def ours(setting: Setting) -> Outcome:
    """`run_search` in this process, with the run folder, the journal and its fsyncs."""
    from nas import run_search
    from nas.algorithms.evolution import Evolution
    from nas.evaluators.toy import Toy
    from nas.search_spaces.bits import Bits

    space = Bits(num_bits=setting.num_decisions)
    algorithm = Evolution(
        space=space, population_size=setting.population_size, sample_size=setting.sample_size, survival="oldest"
    )
    with tempfile.TemporaryDirectory() as folder:
        with Watch() as watch:
            result = run_search(
                space=space,
                algorithm=algorithm,
                evaluator=Toy(space=space, noise=setting.noise, counted=1),
                budget=setting.evaluations,
                seed=setting.seed,
                run=Path(folder) / "run",
            )
        told = result.history().told
    return Outcome(len(told), *watch.times, max(individual.fitness or 0.0 for individual in told))


def plain(setting: Setting) -> Outcome:
    """The paper's loop without any library."""
    from benchmarks.plain_evolution import plain_evolution

    arguments = setting._asdict()
    with Watch() as watch:
        history = plain_evolution(num_bits=arguments.pop("num_decisions"), **arguments)
    return Outcome(len(history), *watch.times, max(fitness for _, fitness in history))


def pyglove_sample(setting: Setting) -> Outcome:
    """`pg.sample` over the DNA itself, which spares it to build the sampled list; keeps its trials in memory."""
    import pyglove as pg

    fitness = Fitness(setting)
    spec = pg.dna_spec(pg.List([pg.oneof([0, 1])] * setting.num_decisions))
    with Watch() as watch:
        algorithm = pg.evolution.regularized_evolution(
            population_size=setting.population_size, tournament_size=setting.sample_size, seed=setting.seed
        )
        for dna, feedback in pg.sample(spec, algorithm, num_examples=setting.evaluations):
            feedback(fitness(dna.to_numbers()))
    return Outcome(fitness.evaluations, *watch.times, fitness.best)


def syne_tune_searcher(setting: Setting) -> Outcome:
    """The searcher asked and told by a bare loop: no scheduler, no backend, no record. It minimises."""
    from syne_tune.config_space import randint
    from syne_tune.optimizer.schedulers.searchers.regularized_evolution import RegularizedEvolution

    fitness = Fitness(setting)
    space = {f"bit{index}": randint(0, 1) for index in range(setting.num_decisions)}
    with Watch() as watch:
        searcher = RegularizedEvolution(
            space,
            population_size=setting.population_size,
            sample_size=setting.sample_size,
            random_seed=setting.seed,
        )
        for number in range(setting.evaluations):
            config = searcher.suggest()
            searcher.on_trial_complete(number, config, -fitness(config.values()))
    return Outcome(fitness.evaluations, *watch.times, fitness.best)


def syne_tune_tuner(setting: Setting) -> Outcome:
    """`Tuner` with the scheduler `REA` and the simulator as backend, which starts no processes and waits for nothing.

    Results are written once, at the end; `save_tuner`, a pickle every 10 s, is off, and so are tables on the screen.
    """
    from syne_tune import Tuner
    from syne_tune.backend.simulator_backend.simulator_backend import SimulatorBackend
    from syne_tune.backend.simulator_backend.simulator_callback import SimulatorCallback
    from syne_tune.backend.trial_status import Status
    from syne_tune.config_space import randint
    from syne_tune.optimizer.baselines import REA
    from syne_tune.tuner_logger import TunerLogger

    fitness = Fitness(setting)

    class Backend(SimulatorBackend):
        def _run_job_and_collect_results(self, trial_id: int, config: Any = None) -> tuple[str, list[dict[str, Any]]]:
            config = self._trial_dict[trial_id].config if config is None else config
            return Status.completed, [{"epoch": 1, "accuracy": fitness(config.values()), "elapsed": 1.0}]

    class Quiet(TunerLogger):
        def print_tuning_status(self, *arguments: Any, **keywords: Any) -> None:
            """Says nothing."""

    space = {f"bit{index}": randint(0, 1) for index in range(setting.num_decisions)}
    with Watch() as watch:
        Tuner(
            Backend(entry_point=__file__, elapsed_time_attr="elapsed"),
            REA(
                space,
                metric="accuracy",
                do_minimize=False,
                random_seed=setting.seed,
                population_size=setting.population_size,
                sample_size=setting.sample_size,
            ),
            lambda status: status.num_trials_finished >= setting.evaluations,
            n_workers=1,
            sleep_time=0,
            callbacks=[SimulatorCallback()],
            save_tuner=False,
            output_logger=Quiet(),
        ).run()
    return Outcome(fitness.evaluations, *watch.times, fitness.best)


def deephyper_ask_tell(setting: Setting) -> Outcome:
    """The search asked and told by a bare loop: no evaluator, no record."""
    fitness = Fitness(setting)
    with tempfile.TemporaryDirectory() as folder, Watch() as watch:
        search = _deephyper(setting, folder)
        for _ in range(setting.evaluations):
            (config,) = search.ask()
            search.tell([(config, fitness(config.values()))])
    return Outcome(fitness.evaluations, *watch.times, fitness.best)


def deephyper_search(setting: Setting) -> Outcome:
    """`search` with the serial evaluator, one job at a time; appends every result to its `results.csv`."""
    from deephyper.evaluator import Evaluator

    fitness = Fitness(setting)

    async def run(job: Any) -> float:
        return fitness(job.parameters.values())

    with tempfile.TemporaryDirectory() as folder, Watch() as watch:
        search = _deephyper(setting, folder)
        search.search(Evaluator.create(run, method="serial"), setting.evaluations, max_evals_strict=True)
    return Outcome(fitness.evaluations, *watch.times, fitness.best)


def _deephyper(setting: Setting, folder: str) -> Any:
    from deephyper.hpo import HpProblem, RegularizedEvolution

    problem = HpProblem()
    for index in range(setting.num_decisions):
        problem.add_hyperparameter((0, 1), f"bit{index}")
    return RegularizedEvolution(
        problem,
        random_state=setting.seed,
        log_dir=folder,
        population_size=setting.population_size,
        sample_size=setting.sample_size,
    )


SEARCHES: dict[str, Callable[[Setting], Outcome]] = {
    search.__name__: search
    for search in (
        ours,
        plain,
        pyglove_sample,
        syne_tune_searcher,
        syne_tune_tuner,
        deephyper_ask_tell,
        deephyper_search,
    )
}


def versions(packages: Iterable[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in packages:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def main() -> None:
    name, setting = sys.argv[1], Setting(**json.loads(sys.argv[2]))
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        os.environ["SYNETUNE_FOLDER"] = folder
        SEARCHES[name](setting._replace(evaluations=WARM_UP_EVALUATIONS))
        outcome = SEARCHES[name](setting)
    print(json.dumps({**outcome._asdict(), "versions": versions(sys.argv[3:])}))


if __name__ == "__main__":
    main()
