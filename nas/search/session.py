"""One session of a search: its folder is locked, its journal folded, and what is left of the budget is run."""

import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nas.algorithms.base import Algorithm
from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.search import provenance
from nas.search.attempts import Patience
from nas.search.budget import Budget, Spent
from nas.search.children import Children
from nas.search.constraint import Guard
from nas.search.environment import BEGAN, WENT_ON, keep_environment
from nas.search.failures import FailureLimit
from nas.search.history import History
from nas.search.identity import differences, digest, identity_of, name_of, plain_json
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME, Journal, read_header
from nas.search.lock import DriverLock
from nas.search.locked_folder import locked_folder
from nas.search.loop import Loop
from nas.search.plugins import plugins
from nas.search.resume import Replay, all_versions
from nas.search.state import SearchState
from nas.search.stop import StopNow, StopSwitch, let_go
from nas.search.weights import Weights
from nas.search_spaces.base import SearchSpace
from nas.tracking.base import Context
from nas.tracking.guard import Trackers
from nas.whole_file import draft_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """How a session ended.

    Attributes:
        folder: the run folder.
        reason: "budget" (the budget is used), "finished" (it already was), "stopped" (by a signal), "failures"
            or "constraint" (nothing that may be trained could be drawn).
        best: the fittest individual, None if none was told.
        spent: what the whole search has spent.
        failed: how many children failed in the whole search.
        message: why the search ended, where that takes a sentence.
    """

    folder: Path
    reason: str
    best: Individual | None
    spent: Spent
    failed: int
    message: str = ""

    def history(self) -> History:
        """The whole search, read from its journal."""
        return History.load(self.folder)


@dataclass(frozen=True, kw_only=True)
class Session:
    """The parts of one search, before its folder is opened."""

    space: SearchSpace
    algorithm: Algorithm
    evaluator: Evaluator
    budget: Budget
    seed: int
    order: str
    workers: int
    guard: Guard | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that changes the search's numbers (DESIGN contract 8)."""
        identity = {
            "search_space": identity_of(self.space),
            "algorithm": identity_of(self.algorithm),
            "evaluator": identity_of(self.evaluator),
            "seed": self.seed,
            "order": self.order,
        }
        if self.order == "number":
            identity["workers"] = max(1, self.workers)
        if self.guard is not None:
            identity["constraint"] = identity_of(self.guard)
        return plain_json(identity)

    @property
    def software(self) -> dict[str, Any]:
        """What a journal says of the programs that write it; `plugins` where parts are not ours."""
        others = plugins(self.space, self.algorithm, self.evaluator)
        versions = {"versions": provenance.versions(), "commit": provenance.commit()}
        return {**versions, "plugins": others} if others else versions

    @property
    def default_name(self) -> str:
        dataset = getattr(self.evaluator, "dataset", None)
        names = [self.algorithm, self.space, *([dataset] if dataset is not None else [])]
        words = [name_of(part).rpartition(".")[2] for part in names]
        return "-".join([*words, f"s{self.seed}", digest(self.identity)])

    def open(
        self,
        folder: Path,
        *,
        make_executor: Callable[[Path], Any],
        trackers: Trackers,
        verify: bool | None,
        failures: FailureLimit,
        patience: Patience,
        keep_children: int,
        config: str | None,
    ) -> Result:
        """Locks the folder, folds its journal, and runs what is left of the budget."""
        identity = self.identity
        with locked_folder(folder, "run folder", lambda: refuse_other_search(folder, identity)) as lock:
            children = Children(folder, keep_children)
            state = self.replay(folder / FILE_NAME, verify, children)
            if self.evaluator.keeps_weights:
                Weights(folder, state, children).sweep()
            if not state.in_flight and not self.budget.allows(state.spent):
                trackers.finished(self._context(folder, state, slots=1), state)
                return Result(folder, "finished", state.best, state.spent, state.failed)
            return self._run(folder, state, lock, make_executor, trackers, failures, patience, children, config)

    def replay(self, path: Path, verify: bool | None, children: Children) -> SearchState:
        """The state that a journal gives; a fresh one where there is none."""
        state = SearchState(self.algorithm, self.evaluator.cost if self.budget.needs_cost else None)
        if verify is None and not self.algorithm.exact:
            verify = False
        software = self.software
        versions = all_versions(software)
        replay = Replay(
            path,
            self.space,
            state,
            seed=self.seed,
            verify=verify,
            versions=versions,
            guard=self.guard,
            children=children,
        )
        replay.run()
        if replay.other_versions:
            logger.warning(
                "%s was written under other versions (%s): its recorded genomes are taken without verifying them",
                path,
                ", ".join(differences(replay.other_versions[-1], versions)),
            )
        return state

    def _run(
        self,
        folder: Path,
        state: SearchState,
        lock: DriverLock,
        make_executor: Callable[[Path], Any],
        trackers: Trackers,
        failures: FailureLimit,
        patience: Patience,
        children: Children,
        config: str | None,
    ) -> Result:
        software = self.software
        journal = Journal(folder / FILE_NAME, {"identity": self.identity, **software})
        stop = StopSwitch()
        executor = make_executor(folder)
        try:
            with stop.listening():
                _keep_config(folder / "config.yaml", config)
                moment = WENT_ON if state.next_number else BEGAN
                keep_environment(folder, moment, getattr(self.evaluator, "hardware", None))
                journal.append(
                    "opened",
                    **software,
                    budget=asdict(self.budget),
                    slots=executor.slots,
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    command=sys.argv,
                )
                trackers.opened(self._context(folder, state, executor.slots))
                loop = Loop(
                    space=self.space,
                    state=state,
                    journal=journal,
                    evaluator=self.evaluator,
                    executor=executor,
                    budget=self.budget,
                    seed=self.seed,
                    order=self.order,
                    children=children,
                    failures=failures,
                    lock=lock,
                    stop=stop,
                    patience=patience,
                    trackers=trackers,
                    guard=self.guard,
                )
                reason = _run_until_left(loop)
            message = failures.sentence if reason == "failures" else stop.reason or ""
            if loop.jobs_left:
                message += f" while {loop.jobs_left} jobs go on"
            if reason == "constraint" and self.guard is not None and loop.refused is not None:
                message = self.guard.sentence(loop.refused)
        except StopNow:
            reason, message = "stopped", stop.reason or ""
        except BaseException as error:
            reason, message = "error", f"{type(error).__name__}: {error}"
            raise
        finally:
            let_go(executor)
            journal.close()
            trackers.closed(reason, state, message)
        return Result(folder, reason, state.best, state.spent, state.failed, message)

    def _context(self, folder: Path, state: SearchState, slots: int) -> Context:
        best = state.best
        return Context(
            run=folder.name,
            folder=folder,
            identity=self.identity,
            evaluations=self.budget.evaluations,
            budget_fraction=self.budget.fraction(state.spent),
            told=state.spent.told,
            failed=state.failed,
            best_number=best.number if best else None,
            best_fitness=best.fitness if best else None,
            workers=slots,
            genome_json=self.space.to_json,
        )


def _run_until_left(loop: Loop) -> str:
    """Runs the loop; a second signal may leave it while it stops, and the journal is whole at any moment."""
    try:
        return loop.run()
    except StopNow:
        return "stopped"


def _keep_config(path: Path, config: str | None) -> None:
    """Writes the first session's configuration, whole or not at all."""
    if config is None or path.exists():
        return
    try:
        with draft_of(path) as draft:
            draft.write_text(config)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def refuse_other_search(folder: Path, identity: dict[str, Any]) -> None:
    """
    Raises:
        UserError: the folder's journal has another identity.
    """
    header = read_header(folder / FILE_NAME)
    if header is None or header["identity"] == identity:
        return
    keys = "; ".join(differences(header["identity"], identity))
    raise UserError(f"{folder} holds another search, which differs in {keys}: choose another run=NAME")
