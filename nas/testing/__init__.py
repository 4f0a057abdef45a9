"""Contract suites, for our own parts and for plug-ins: subclass one in a test file, pytest runs it. Needs pytest."""

from nas.testing.algorithms import AlgorithmSuite
from nas.testing.evaluators import EvaluatorSuite
from nas.testing.executors import ExecutorSuite
from nas.testing.spaces import SearchSpaceSuite

__all__ = ["AlgorithmSuite", "EvaluatorSuite", "ExecutorSuite", "SearchSpaceSuite"]
