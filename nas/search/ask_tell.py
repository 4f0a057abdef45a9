"""`AskTell`: a search whose loop is the caller's, with the journal of any other search."""

import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from nas.algorithms.base import Algorithm
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import Outcome, plain_scalars
from nas.search.asking import take
from nas.search.budget import Budget
from nas.search.children import Children
from nas.search.constraint import propose
from nas.search.endings import Endings
from nas.search.failures import FailureLimit
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME, Journal
from nas.search.locked_folder import locked_folder
from nas.search.randomness import ask_rng
from nas.search.run import made_algorithm, run_folder
from nas.search.session import Session, refuse_other_search
from nas.search_spaces.base import SearchSpace
from nas.tracking.guard import Trackers


@dataclass(frozen=True, kw_only=True)
class _Elsewhere(Evaluator):
    """Stands for whoever measures: fitness and metrics come by `tell`."""

    fitness: str = "valid_accuracy"
    name: ClassVar[str] = "elsewhere"
    writes_files: ClassVar[bool] = False

    def evaluate(self, task: Task) -> Metrics:
        raise AssertionError("children are measured by the caller")


class AskTell:
    """A search without the loop: `ask` gives a child, `tell` or `fail` ends it, in any order and at any time.

    It holds the run folder until it is closed, by `with` or by `close`; the same arguments find the same folder, and go
    on:

        with AskTell(space=space, algorithm=algorithm, run="by_hand") as search:
            while len(search) < 100:
                child = search.ask()
                search.tell(child.number, measure(child.genome))

    Every event is in the journal before it is acted on, so a program may be killed anywhere. Children that were asked
    for and not ended are given again by the next `ask`s of the next session.
    """

    def __init__(
        self,
        *,
        space: SearchSpace,
        algorithm: Algorithm | Callable[..., Algorithm],
        run: str | Path | None = None,
        runs_dir: str | Path = "runs",
        seed: int = 0,
        fitness: str = "valid_accuracy",
        verify: bool | None = None,
    ) -> None:
        """
        Args:
            space: the search space.
            algorithm: as for `run_search`.
            run: name of the folder in `runs_dir`, or a path with a separator; None names it by what it searches.
            runs_dir: where runs lie.
            seed: of the whole search.
            fitness: the metric that selection maximises.
            verify: as for `run_search`.

        Raises:
            UserError: a part is none of its kind, the folder holds another search, another driver works on it, or its
                journal is damaged.
        """
        self._session = Session(
            space=space,
            algorithm=made_algorithm(algorithm, space),
            evaluator=_Elsewhere(fitness=fitness),
            budget=Budget(evaluations=sys.maxsize),
            seed=seed,
            order="completion",
            workers=0,
        )
        self.folder = run_folder(run if run is not None else self._session.default_name, runs_dir)
        session = self._session
        with ExitStack() as stack:
            identity, software = session.identity, session.software
            stack.enter_context(
                locked_folder(self.folder, "run folder", lambda: refuse_other_search(self.folder, identity))
            )
            children, path = Children(self.folder, keep=0), self.folder / FILE_NAME
            self._state = state = session.replay(path, verify, children)
            self._journal = journal = Journal(path, {"identity": identity, **software})
            stack.callback(journal.close)
            where = {"host": socket.gethostname(), "pid": os.getpid(), "command": sys.argv}
            journal.append("opened", **software, budget={}, slots=1, **where)
            self._endings = Endings(
                journal=journal,
                state=state,
                evaluator=session.evaluator,
                has_folders=False,
                children=children,
                failures=FailureLimit(sys.maxsize),
                weights=None,
                trackers=Trackers(()),
            )
            self._again = deque(state.in_flight.values())
            self._open: ExitStack | None = stack.pop_all()

    def __enter__(self) -> "AskTell":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close("finished" if error is None and not self._state.in_flight else "stopped")

    def close(self) -> None:
        """Lets go of the folder; the next `AskTell` of these arguments goes on."""
        self._close("finished" if not self._state.in_flight else "stopped")

    def _close(self, reason: str) -> None:
        if self._open is not None:
            opened, self._open = self._open, None
            with opened:
                self._journal.append("closed", reason=reason)

    def __len__(self) -> int:
        """How many children have a fitness."""
        return self._state.spent.told

    @property
    def best(self) -> Individual | None:
        """The fittest individual of the highest fidelity; None before one is told."""
        return self._state.best

    @property
    def in_flight(self) -> list[int]:
        """Numbers of the children that were asked for and not ended."""
        return list(self._state.in_flight)

    def ask(self) -> Individual:
        """The next child: its number, genome, training seed, and fidelity if the algorithm gives one.

        Raises:
            UserError: the search was closed.
        """
        self._check_open()
        if self._again:
            return self._again.popleft()
        session, state = self._session, self._state
        draw = propose(state.algorithm, ask_rng(session.seed, state.next_number), None)
        assert draw.proposal is not None
        return take(draw.proposal, draw, space=session.space, state=state, journal=self._journal, seed=session.seed)

    def tell(self, number: int, result: Mapping[str, Any] | float) -> None:
        """The child was measured.

        Args:
            number: of the child.
            result: metrics with the fitness among them, or the fitness alone. One that is not finite is a failure.

        Raises:
            UserError: no such child is in flight, or the search was closed.
        """
        self._check(number)
        metrics = dict(result) if isinstance(result, Mapping) else {self._session.evaluator.fitness: result}
        self._endings.told(number, Outcome(plain_scalars(metrics), device_s=0.0))

    def fail(self, number: int, reason: str) -> None:
        """The child will have no fitness; the reason is in the journal.

        Raises:
            UserError: no such child is in flight, or the search was closed.
        """
        self._check(number)
        self._endings.failed(number, RuntimeError(reason))

    def history(self) -> History:
        """The whole search, read from its journal."""
        return History.load(self.folder)

    def _check_open(self) -> None:
        if self._open is None:
            raise UserError(f"the search {self.folder} was closed: AskTell with the same arguments goes on")

    def _check(self, number: int) -> None:
        self._check_open()
        if number not in self._state.in_flight:
            flying = ", ".join(map(str, self._state.in_flight)) or "none"
            raise UserError(f"individual {number!r} is not in flight: {flying} of those asked for wait for their end")
        self._again = deque(one for one in self._again if one.number != number)
