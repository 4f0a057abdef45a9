"""The contract of an evaluator, and the task it is given."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from nas.errors import UserError
from nas.fidelity import Fidelity
from nas.search_spaces.base import Genome

FLOPS_PER_MULTIPLY_ADD = 2

Metrics = dict[str, Any]  # plain scalars, raw, in their own units; names that end in _s are seconds and not science


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at one child.

    Attributes:
        number: the individual's number in its search.
        genome: what to evaluate.
        seed: the training seed; derived from the search's seed and the number, the same for every attempt.
        attempt: 1 for the first.
        folder: the attempt's own folder, made by the caller; None when the evaluator writes no files.
        parent_weights: the parent's weight file, where weights are inherited.
        resume_from: folder of an earlier attempt that left a checkpoint; one in the attempt's own folder comes first.
        fidelity: of a reduced evaluation; None for a full one.
    """

    number: int
    genome: Genome
    seed: int
    attempt: int = 1
    folder: Path | None = None
    parent_weights: Path | None = None
    resume_from: Path | None = None
    fidelity: Fidelity | None = None


class Evaluator(ABC):
    """Measures a genome. Picklable, idempotent, owner of the task's folder, and without state of its own.

    Subclasses are dataclasses. Their init fields are the search's identity, apart from those marked
    `field(metadata={"identity": False})`, which change no number (paths, devices, threads).

    Attributes:
        writes_files: False when the evaluator needs no folder: a table look-up or a toy.
        is_instant: True when it takes no time worth mentioning: a table look-up or a toy, but not any function.
        fitness: name of the metric that selection maximises.
    """

    name: ClassVar[str]
    writes_files: ClassVar[bool] = True
    is_instant: ClassVar[bool] = False
    fitness: str = "valid_accuracy"

    @abstractmethod
    def evaluate(self, task: Task) -> Metrics:
        """The child's metrics.

        Raises:
            Exception: whatever goes wrong; the child then counts as failed, with the traceback in the journal.
        """

    def cost(self, genome: Genome, *, fidelity: Fidelity | None = None) -> Metrics:
        """What an evaluation will cost, before it starts and in closed form: any of parameters, multiply_adds,
        train_examples, train_flops, memory_gb (of training, on one device). Empty when nothing is known.

        `evaluate` returns the same numbers, apart from memory_gb: it is an estimate and no metric. `fidelity` is given
        for reduced evaluations alone, so evaluators without fidelities need not take it.
        """
        return {}

    @property
    def fidelities(self) -> tuple[str, ...]:
        """The fields of a `Fidelity` that it can reduce an evaluation by."""
        return ()

    def check_fidelity(self, fidelity: Fidelity) -> None:
        """
        Raises:
            UserError: it cannot reduce an evaluation so.
        """
        for name, value in fidelity.plain().items():
            if name not in self.fidelities:
                known = ", ".join(self.fidelities) or "none"
                raise UserError(
                    f"the algorithm asks for fidelity {name}={value}, which evaluator={self.name} does not know "
                    f"(it knows {known})"
                )

    def expectation(self, genome: Genome) -> float | None:
        """Mean fitness of a genome over all training seeds; None where only evaluations tell.

        What a finished search may be judged by; no part of a search asks for it.
        """
        return None

    @property
    def keeps_weights(self) -> bool:
        """Whether a child leaves its weights in its folder, for its children and for those who want the best."""
        return False

    @property
    def devices(self) -> int:
        """How many devices one child holds."""
        return 1

    @property
    def images_per_pass(self) -> int | None:
        """Images that a device trains on at once, on which the cost in memory depends; None where it does not."""
        return None

    def provenance(self) -> dict[str, Any]:
        """Where and with what the last evaluation ran: device, precision, versions. Not part of the science."""
        return {}
