"""The real evaluation: trains the child and measures it on the validation part."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from nas.data.dataset import Dataset
from nas.data.seeds import derived_seed
from nas.errors import UserError, check_part
from nas.evaluators.base import FLOPS_PER_MULTIPLY_ADD, Evaluator, Metrics, Task
from nas.evaluators.child import SEALED_FILE, WEIGHTS_FILE, write_json
from nas.fidelity import NAMES, Fidelity
from nas.metrics.accuracy import Accuracy
from nas.metrics.base import ACCURACY, Metric, check_metric
from nas.search_spaces.base import Genome, SearchSpace
from nas.search_spaces.cost import Cost
from nas.training.batch_plan import BatchPlan
from nas.training.fidelity import reduced
from nas.training.files import REPEATS_FILE
from nas.training.hardware import Hardware
from nas.training.job import task_rank
from nas.training.memory import training_memory_gb
from nas.training.provenance import training_provenance
from nas.training.recipe import Recipe

if TYPE_CHECKING:
    from nas.training.result import FitResult

TRAINING_PER_FORWARD = 3  # a backward pass costs two forward ones


@dataclass(frozen=True, kw_only=True)
class TrainEvaluator(Evaluator):
    """Trains every child from fresh weights (Real et al. 2018, arXiv 1802.01548: equal genomes are trained anew).

    A training that diverges is no failure: its accuracies are those of always answering the commonest class.

    Attributes:
        space: whose architectures `network` can build.
        dataset: images.
        network: has `build` and `cost`, both `(architecture, image_shape, num_classes)`.
        training: the recipe.
        hardware: what to train on; changes no number.
        inherit: children start from their parent's weights as far as ids and shapes allow (Real et al. 2017, arXiv
            1703.01041, section 3.6). Where the parent's file is missing or damaged, from fresh ones, and the metrics
            say so in `inheritance_warning`.
        keep_weights: leaves a child's weights for the search to keep while they are needed; changes no number.
        repeats: trainings per child with seeds of their own; the fitness is the mean.
        checkpoint_every_s: where the task has a folder, a training saves its state there after an epoch, at most once
            in so many seconds, and a later attempt goes on from it with the very numbers of an uninterrupted one; 0
            saves after every epoch, None never. Changes no number.
        sealed_test: also measures the test part, into the child's folder, never into metrics; changes no number.
        metric: what is measured on the validation part besides accuracy and loss.
        fitness: what selection maximises: "valid_accuracy", or the value of `metric`, which "" takes.
    """

    space: SearchSpace
    dataset: Dataset
    network: Any
    training: Recipe
    hardware: Hardware = field(metadata={"identity": False})
    inherit: bool = False
    keep_weights: bool = field(default=False, metadata={"identity": False})
    repeats: int = 1
    checkpoint_every_s: float | None = field(default=None, metadata={"identity": False})
    sealed_test: bool = field(default=False, metadata={"identity": False})
    metric: Metric = field(default=Accuracy(), metadata={"identity": "when set"})
    fitness: str = ""
    name: ClassVar[str] = "train"

    def __post_init__(self) -> None:
        check_metric(self.metric)
        if not self.fitness:
            object.__setattr__(self, "fitness", self._measured)
        if type(self.repeats) is not int or self.repeats < 1:
            raise UserError(f"evaluator.repeats is {self.repeats!r}, it must be a whole number of at least 1")
        every_s = self.checkpoint_every_s
        if every_s is not None and (type(every_s) not in (int, float) or not every_s >= 0):
            raise UserError(f"evaluator.checkpoint_every_s is {every_s!r}, it must be at least 0, or null")
        if self.repeats > 1 and self.keeps_weights:
            raise UserError(
                f"evaluator.repeats is {self.repeats}, with evaluator.inherit or keep_weights it must be 1: "
                "one training's weights are kept"
            )
        if self.inherit and not getattr(self.network, "names_variables", False):
            raise UserError(
                "evaluator.inherit=true needs a network whose variables have ids, which only network=dna has, "
                f"not {self.network.name}"
            )
        check_part(self.dataset, Dataset, "dataset")
        allowed = dict.fromkeys(("valid_accuracy", self._measured))
        if self.fitness not in allowed:
            raise UserError(
                f"evaluator.fitness is {self.fitness!r}, with metric={self.metric.name} allowed are "
                f"{', '.join(allowed)}"
            )
        if self.dataset.sizes.valid < 1:
            raise UserError(f"dataset.num_valid is {self.dataset.num_valid}, evaluator=train needs at least 1")
        BatchPlan(self.training, self.dataset.num_train, self.hardware.world_size, self.hardware.accumulate)
        shape, num_classes = self.dataset.image_shape, self.dataset.num_classes
        try:
            self.network.cost(self.space.architecture(self.space.initial(Random(0))), shape, num_classes)
        except UserError as error:
            raise UserError(
                f"evaluator=train cannot build search_space={self.space.name} as a network: {error}"
            ) from error

    @property
    def _measured(self) -> str:
        return f"valid_{self.metric.name}"

    @property
    def _other_metric(self) -> Metric | None:
        """What has to be computed besides accuracy."""
        return None if self.metric.name == ACCURACY else self.metric

    @property
    def keeps_weights(self) -> bool:
        return self.inherit or self.keep_weights

    @property
    def devices(self) -> int:
        return self.hardware.world_size

    @property
    def images_per_pass(self) -> int:
        return self.training.batch_size // (self.hardware.world_size * self.hardware.accumulate)

    @property
    def fidelities(self) -> tuple[str, ...]:
        return NAMES

    def check_fidelity(self, fidelity: Fidelity) -> None:
        self._at(fidelity)

    def cost(self, genome: Genome, *, fidelity: Fidelity | None = None) -> Metrics:
        """In closed form and without torch; FLOPs are those of training, evaluation is not counted.

        Memory is an estimate, so it is no metric; it is left out where the network's activations are not known.
        """
        if fidelity is not None:
            return self._at(fidelity).cost(genome)
        cost = self._cost(genome)
        metrics = _metrics(cost, self.repeats * self.training.num_examples(self.dataset.num_train))
        if cost.activations:
            metrics["memory_gb"] = training_memory_gb(cost, self.images_per_pass)
        return metrics

    def evaluate(self, task: Task) -> Metrics:
        """Trains and measures. Seconds are those of this attempt; all else is that of an uninterrupted one.

        Raises:
            UserError: the data is missing, the hardware is not here, or there is no folder for the sealed test.
        """
        if task.fidelity is not None:
            return self._at(task.fidelity).evaluate(replace(task, fidelity=None))
        if self.sealed_test and task.folder is None:
            raise UserError("evaluator.sealed_test is true, which needs a folder for the child")
        runs = self._train_all(task)
        if self.sealed_test and task_rank() == 0:
            assert task.folder is not None
            _seal(task.folder.parent, runs)
        losses = [run.valid_loss for run in runs if run.valid_loss is not None]
        metrics: Metrics = {
            "valid_accuracy": statistics.fmean(run.valid_accuracy for run in runs),
            "valid_loss": statistics.fmean(losses) if len(losses) == len(runs) else None,
            **_metrics(self._cost(task.genome), sum(run.examples for run in runs)),
            **{name: sum(getattr(run, name) for run in runs) for name in ("data_s", "train_s", "valid_s")},
            "diverged": any(run.diverged for run in runs),
            **runs[0].notes,
        }
        if self.repeats > 1:
            metrics["valid_accuracy_sd"] = statistics.stdev(run.valid_accuracy for run in runs)
        if self._other_metric is not None:
            scores = [run.scores["valid"] for run in runs]
            metrics[self._measured] = statistics.fmean(scores)
            if self.repeats > 1:
                metrics[f"{self._measured}_sd"] = statistics.stdev(scores)
        return metrics

    def provenance(self) -> dict[str, Any]:
        return training_provenance(self.hardware, self.training)

    def _at(self, fidelity: Fidelity) -> "TrainEvaluator":
        """The full evaluation of that reduced one."""
        dataset, training = reduced(self.dataset, self.training, fidelity)
        return replace(self, dataset=dataset, training=training)

    def _train_all(self, task: Task) -> "list[FitResult]":
        """The trainings of a child, but those that an earlier attempt has finished."""
        from nas.training.repeats import finished_repeats, repeats_data
        from nas.training.task_ranks import agreed, join_ranks

        seeds = [task.seed, *(derived_seed(task.seed, "repeat", number) for number in range(1, self.repeats))]
        saves = self.checkpoint_every_s is not None and task.folder is not None
        folders = [folder for folder in (task.folder, task.resume_from) if folder is not None] if saves else []
        runs: list[FitResult] = []
        keeps = saves and self.repeats > 1
        child = self._child(task.genome, seeds) if keeps else {}
        if keeps:
            join_ranks(self.hardware)
            runs = agreed(finished_repeats(folders, child))
        for number in range(len(runs), self.repeats):
            is_last = number + 1 == self.repeats
            runs.append(self._train(task, seeds[number], folders, is_last))
            folders = []  # by now they hold a training before
            if keeps and not is_last and task_rank() == 0:
                assert task.folder is not None
                write_json(task.folder / REPEATS_FILE, repeats_data(runs, child))
        return runs

    def _child(self, genome: Genome, seeds: Sequence[int]) -> dict[str, Any]:
        """Everything that a finished training of a child follows from."""
        return {
            "seeds": list(seeds),
            "genome": self.space.to_json(genome),
            "network": repr(self.network),
            "training": repr(self.training),
            "dataset": self.dataset.identity(),
            "sealed_test": self.sealed_test,
            **({} if self._other_metric is None else {"metric": repr(self.metric)}),
        }

    def _train(self, task: Task, seed: int, resume_from: Sequence[Path], is_last: bool) -> "FitResult":
        """One training; its notes are the metrics that say what came from the parent."""
        from nas.training.build import fresh_network
        from nas.training.checkpoint import Saving
        from nas.training.fit import fit
        from nas.training.inheritance import inherited_from, save_weights

        architecture = self.space.architecture(task.genome)
        network = fresh_network(self.network, architecture, self.dataset, seed)
        inherited = inherited_from(network, task.parent_weights) if self.inherit else {}
        measure = ("test",) if self.sealed_test else ()
        recipe = self.training.of(architecture)
        every_s = self.checkpoint_every_s
        result = fit(
            network,
            self.dataset,
            recipe,
            self.hardware,
            seed=seed,
            measure=measure,
            metric=self._other_metric,
            checkpoint=None if every_s is None else task.folder,
            identity={"genome": self.space.to_json(task.genome)},
            resume_from=resume_from,
            saving=Saving(every_s=every_s or 0, last_epoch=not is_last),
            notes=inherited,
        )
        if self.keeps_weights and task.folder is not None and not result.diverged and task_rank() == 0:
            save_weights(network, task.folder / WEIGHTS_FILE, self._about(task.genome))
        return result

    def _about(self, genome: Genome) -> dict[str, Any]:
        """What is needed to use the weights, besides the network's settings."""
        from nas.data.class_names import class_names
        from nas.data.preprocessing import Preprocessing

        return {
            "genome": self.space.to_json(genome),
            "architecture": self.space.architecture(genome),
            "image_shape": list(self.dataset.image_shape),
            "num_classes": self.dataset.num_classes,
            "classes": list(class_names(self.dataset)),
            "preprocessing": Preprocessing.of(self.dataset).plain(),
        }

    def _cost(self, genome: Genome) -> Cost:
        return self.network.cost(self.space.architecture(genome), self.dataset.image_shape, self.dataset.num_classes)


def _metrics(cost: Cost, examples: int) -> Metrics:
    return {
        "parameters": cost.parameters,
        "multiply_adds": cost.multiply_adds,
        "train_examples": examples,
        "train_flops": FLOPS_PER_MULTIPLY_ADD * TRAINING_PER_FORWARD * cost.multiply_adds * examples,
    }


def _seal(child_folder: Path, runs: "list[FitResult]") -> None:
    accuracies = [run.test_accuracy for run in runs]
    assert None not in accuracies
    write_json(child_folder / SEALED_FILE, {"test_accuracy": statistics.fmean(accuracies)})  # type: ignore[arg-type]
