"""A user's own function as the evaluator."""

import os
import pickle
from typing import Any

import numpy as np
import pytest

from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.function import FunctionEvaluator, function_evaluator

TASK = Task(3, (0, 1, 1), 17)


def seen(genome: Any, seed: int) -> dict[str, Any]:
    return {"valid_accuracy": 0.25, "ones": sum(genome), "seed": seed}


def test_it_is_given_the_genome_and_the_seed() -> None:
    assert FunctionEvaluator(function=seen).evaluate(TASK) == {"valid_accuracy": 0.25, "ones": 2, "seed": 17}


@pytest.mark.parametrize("number", [1, 0.5, np.float32(0.5), np.int64(1)])
def test_one_number_is_the_fitness(number: Any) -> None:
    evaluator = FunctionEvaluator(function=lambda genome, seed: number, fitness="score")
    assert evaluator.evaluate(TASK) == {"score": float(number)}


@pytest.mark.parametrize("result", [None, "0.5", [0.5], 1j])
def test_anything_else_is_refused(result: Any) -> None:
    with pytest.raises(TypeError, match="a dict of metrics or one number"):
        FunctionEvaluator(function=lambda genome, seed: result).evaluate(TASK)


def test_it_travels_by_name() -> None:
    evaluator = FunctionEvaluator(function=os.path.join)
    assert pickle.loads(pickle.dumps(evaluator)) == evaluator


def test_a_configuration_names_it() -> None:
    assert function_evaluator("math.hypot", "valid_accuracy").evaluate(Task(0, 3, 4)) == {"valid_accuracy": 5.0}


@pytest.mark.parametrize("name", ["no_such_module.f", "math.no_such", "hypot", "", ".", "math."])
def test_a_function_that_is_not_there(name: str) -> None:
    with pytest.raises(UserError, match=r"evaluator\.function is .*cannot be imported"):
        function_evaluator(name, "valid_accuracy")


def test_what_is_no_function() -> None:
    with pytest.raises(UserError, match=r"'math\.pi', which is no function"):
        function_evaluator("math.pi", "valid_accuracy")
