"""Any Python function as the evaluator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from numbers import Real
from typing import Any, ClassVar

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.fidelity import NAMES


@dataclass(frozen=True, kw_only=True)
class FunctionEvaluator(Evaluator):
    """Calls `function(genome, seed)`, which returns metrics, or the fitness alone.

    Attributes:
        function: takes a genome and the training seed, and by name the `fidelity` if it knows any (None in full
            evaluations); for workers in other processes it must be importable.
        fitness: the metric that selection maximises; a function that returns one number returns this.
    """

    function: Callable[..., Mapping[str, Any] | float]
    fitness: str = "valid_accuracy"
    name: ClassVar[str] = "function"
    writes_files: ClassVar[bool] = False

    @property
    def fidelities(self) -> tuple[str, ...]:
        return NAMES if _takes_fidelity(self.function) else ()

    def evaluate(self, task: Task) -> Metrics:
        reduced = {} if task.fidelity is None else {"fidelity": task.fidelity}
        result = self.function(task.genome, task.seed, **reduced)
        if isinstance(result, Mapping):
            return dict(result)
        if isinstance(result, Real):
            return {self.fitness: float(result)}
        raise TypeError(f"the function returned {result!r}, it must return a dict of metrics or one number")


def _takes_fidelity(function: Callable[..., Any]) -> bool:
    try:
        return "fidelity" in signature(function).parameters
    except ValueError:  # of some that are not written in Python
        return False


def function_evaluator(function: str, fitness: str, space: Any = None) -> FunctionEvaluator:
    """The evaluator of a function that a configuration names as `package.module.function`.

    Raises:
        UserError: there is no such function.
    """
    module, _, attribute = function.rpartition(".")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"evaluator.function is {function!r}, which cannot be imported: {error}") from error
    if not callable(found):
        raise UserError(f"evaluator.function is {function!r}, which is no function")
    return FunctionEvaluator(function=found, fitness=fitness)
