"""Contract suites, for our own parts and for plug-ins: subclass one in a test file, pytest runs it. Needs pytest.

A test that fails says which rule the part breaks, and what happened.
"""

import pytest

_SUITES = ("algorithms", "cell_ops", "datasets", "evaluators", "executors", "spaces")
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in _SUITES))

from nas.testing.algorithms import AlgorithmSuite  # noqa: E402
from nas.testing.cell_ops import CellOpSuite  # noqa: E402
from nas.testing.datasets import DatasetSuite  # noqa: E402
from nas.testing.evaluators import EvaluatorSuite  # noqa: E402
from nas.testing.executors import ExecutorSuite  # noqa: E402
from nas.testing.spaces import SearchSpaceSuite  # noqa: E402

__all__ = ["AlgorithmSuite", "CellOpSuite", "DatasetSuite", "EvaluatorSuite", "ExecutorSuite", "SearchSpaceSuite"]
