"""One final training as an evaluator, so that launchers run it as they run children."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nas.data.dataset import Dataset
from nas.evaluators.base import FLOPS_PER_MULTIPLY_ADD, Evaluator, Metrics, Task
from nas.evaluators.child import WEIGHTS_FILE, write_json
from nas.evaluators.train import TRAINING_PER_FORWARD
from nas.metrics.accuracy import Accuracy
from nas.metrics.base import ACCURACY, Metric, check_metric
from nas.search.identity import identity_of
from nas.training.hardware import Hardware
from nas.training.job import task_rank
from nas.training.provenance import training_provenance
from nas.training.recipe import Recipe

PREPROCESSING_FILE = "preprocessing.json"


@dataclass(frozen=True, kw_only=True)
class FinalTraining(Evaluator):
    """Trains a network by the recipe and measures it after the last epoch. The task's genome is an architecture.

    An interrupted training goes on from what it saved last when it is given the same folder.

    Attributes:
        dataset: images.
        network: has `build` and `cost`, both `(architecture, image_shape, num_classes)`.
        training: the recipe.
        hardware: what to train on; changes no number.
        measure: parts besides validation: "selection", and "test" where nothing is chosen any more.
        keep_weights: leaves the weights and the images' preprocessing in the folder.
        curves: has `opening(folder, config)`, which opens a logger of the training's curves, see `nas.tracking`; None
            logs none. Changes no number.
        save_within_epoch_s: saves also in the middle of an epoch, at most once in so many seconds; None saves after
            epochs alone. Changes no number.
        metric: what is measured besides accuracy and loss.
        fitness: its value on the validation part.
    """

    dataset: Dataset
    network: Any
    training: Recipe
    hardware: Hardware = field(metadata={"identity": False})
    measure: tuple[str, ...] = ()
    keep_weights: bool = False
    curves: Any = field(default=None, metadata={"identity": False})
    save_within_epoch_s: float | None = field(default=None, metadata={"identity": False})
    metric: Metric = field(default=Accuracy(), metadata={"identity": "when set"})
    fitness: str = field(init=False)
    name: ClassVar[str] = "final_training"

    def __post_init__(self) -> None:
        check_metric(self.metric)
        object.__setattr__(self, "fitness", f"valid_{self.metric.name}")

    @property
    def devices(self) -> int:
        return self.hardware.world_size

    def evaluate(self, task: Task) -> Metrics:
        """Trains and measures.

        Raises:
            UserError: the data is missing or damaged, the hardware is not here, or the folder holds another training.
        """
        from nas.training.build import fresh_network
        from nas.training.checkpoint import Saving
        from nas.training.fit import fit

        assert task.folder is not None
        network = fresh_network(self.network, task.genome, self.dataset, task.seed)
        result = fit(
            network,
            self.dataset,
            self.training.of(task.genome),
            self.hardware,
            seed=task.seed,
            measure=self.measure,
            metric=None if self.metric.name == ACCURACY else self.metric,
            checkpoint=task.folder,
            identity={"architecture": task.genome},
            saving=Saving(within_epoch_s=self.save_within_epoch_s),
            opening=None if self.curves is None else self.curves.opening(task.folder, self._about(task)),
        )
        if self.keep_weights and task_rank() == 0:
            self._keep(network, task.folder)
        cost = self.network.cost(task.genome, self.dataset.image_shape, self.dataset.num_classes)
        metrics = {
            "valid_accuracy": result.valid_accuracy,
            "valid_loss": result.valid_loss,
            "selection_accuracy": result.selection_accuracy,
            "test_accuracy": result.test_accuracy,
            "parameters": cost.parameters,
            "multiply_adds": cost.multiply_adds,
            "train_examples": result.examples,
            "train_flops": FLOPS_PER_MULTIPLY_ADD * TRAINING_PER_FORWARD * cost.multiply_adds * result.examples,
            "data_s": result.data_s,
            "train_s": result.train_s,
            "valid_s": result.valid_s,
            "diverged": result.diverged,
        }
        not_measured = {"selection", "test"} - set(self.measure)
        scores = {f"{part}_{self.metric.name}": score for part, score in result.scores.items()}
        return {
            name: value for name, value in metrics.items() if name.removesuffix("_accuracy") not in not_measured
        } | scores

    def provenance(self) -> dict[str, Any]:
        return training_provenance(self.hardware, self.training)

    def _about(self, task: Task) -> dict[str, Any]:
        """What is trained, and how."""
        cost = self.network.cost(task.genome, self.dataset.image_shape, self.dataset.num_classes)
        parts = {name: identity_of(getattr(self, name)) for name in ("dataset", "network", "training")}
        size = {"parameters": cost.parameters, "multiply_adds": cost.multiply_adds}
        return {"architecture": task.genome, "seed": task.seed, **size, **parts}

    def _keep(self, network: Any, folder: Path) -> None:
        from nas.data.preprocessing import Preprocessing
        from nas.training import torch_file

        torch_file.write(folder / WEIGHTS_FILE, network.state_dict())
        write_json(folder / PREPROCESSING_FILE, Preprocessing.of(self.dataset).plain())
