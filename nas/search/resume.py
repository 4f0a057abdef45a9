"""Rebuilding a search from its journal: the recorded events go through asked, told and failed again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.algorithms.base import Proposal
from nas.errors import UserError
from nas.search.children import Children
from nas.search.constraint import Guard, propose
from nas.search.history import individual_of
from nas.search.individual import Individual, State
from nas.search.journal_reader import read_events
from nas.search.randomness import ask_rng
from nas.search.sharing import Sharing
from nas.search.state import SearchState
from nas.search_spaces.base import SearchSpace


class AskedOtherwise(UserError):
    """The algorithm now asks for, or removes, something else than the journal says."""


class Replay:
    """Folds a journal into a fresh `SearchState`.

    While it verifies, every child is also asked for again, and what was removed is compared: the first difference stops
    the resume, because the search that goes on would not be the one that was begun.

    Attributes:
        verify: True or False for the whole journal; None verifies the sessions that ran under `versions`, because an
            upgrade must not strand a search.
        versions: those of this process, see `all_versions`.
        children: told which children's folders the sessions before this one have left; None where nobody clears them.
        other_versions: those of the journal's sessions that differ from them.
    """

    def __init__(
        self,
        path: Path,
        space: SearchSpace,
        state: SearchState,
        *,
        seed: int,
        verify: bool | None,
        versions: dict[str, str],
        guard: Guard | None = None,
        children: Children | None = None,
    ) -> None:
        self.path = path
        self.space = space
        self.state = state
        self.seed = seed
        self.verify = verify
        self.versions = versions
        self.guard = guard
        self.children = children
        self.other_versions: list[dict[str, str]] = []
        self._verifying = bool(verify)
        self._sharing = Sharing()

    def run(self) -> None:
        """
        Raises:
            UserError: an event does not fit those before it, a genome does not belong to the space, or, with `verify`,
                the algorithm now asks for or removes something else than the journal says.
        """
        for line_number, event in read_events(self.path):
            fold = getattr(self, f"_fold_{event['event']}", None)
            if fold is None:
                continue
            try:
                fold(event)
                self.state.spent.elapsed_s = float(event["elapsed_s"])
            except UserError as error:
                raise UserError(f"line {line_number} of {self.path}: {error}") from error
            except (LookupError, TypeError, ValueError, AttributeError, OverflowError, AssertionError) as error:
                what = f"{type(error).__name__}: {error}"
                raise UserError(
                    f"line {line_number} of {self.path} does not fit the lines before it ({what})"
                ) from error

    def _fold_opened(self, event: dict[str, Any]) -> None:
        versions = all_versions(event)
        same = versions == self.versions
        if not same:
            self.other_versions.append(versions)
        self._verifying = same if self.verify is None else self.verify

    def _fold_closed(self, event: dict[str, Any]) -> None:
        """Only its time counts."""

    def _fold_asked(self, event: dict[str, Any]) -> None:
        individual = individual_of(event, self._sharing)
        individual.genome = self.space.from_json(individual.genome)
        if self._verifying:
            self._compare(individual)
        proposal = Proposal(
            individual.genome,
            individual.parents,
            individual.mutation,
            individual.removed,
            individual.record,
            individual.fidelity,
        )
        self.state.asked(individual, proposal)

    def _compare(self, recorded: Individual) -> None:
        draws = sum(recorded.rejected.values()) + 1  # whatever constraint.max_rejections is now
        asked = propose(self.state.algorithm, ask_rng(self.seed, recorded.number), self.guard, draws).proposal
        there = (recorded.genome, recorded.parents, recorded.removed, recorded.record, recorded.fidelity)
        if asked is None or there != (asked.genome, asked.parents, asked.removed, asked.record, asked.fidelity):
            now = f"it is {self._described(asked)}" if asked else "it is rejected"
            raise AskedOtherwise(
                f"the algorithm now asks for another individual {recorded.number}: "
                f"the journal has {self._described(recorded)}, "
                f"now {now}; "
                "resume.verify=false goes on from the recorded genomes"
            )

    def _described(self, child: Individual | Proposal) -> str:
        noted = f" with {dict(child.record)}" if child.record else ""
        reduced = f" at {child.fidelity}" if child.fidelity else ""
        return f"{self.space.to_json(child.genome)} from {list(child.parents)}{noted}{reduced}"

    def _fold_submitted(self, event: dict[str, Any]) -> None:
        self.state.submitted(event["number"], event["attempt"], event.get("job"), event.get("launcher"))

    def _fold_interrupted(self, event: dict[str, Any]) -> None:
        self.state.interrupted(event["number"], event.get("device_s", 0.0), event.get("cause"))

    def _fold_requeued(self, event: dict[str, Any]) -> None:
        self.state.requeued(event["number"], event["restarts"])

    def _fold_told(self, event: dict[str, Any]) -> None:
        number = event["number"]
        removed = self.state.told(number, float(event["fitness"]), event["metrics"], event.get("device_s", 0.0))
        if self.children is not None:
            self.children.told_before(number)
        if self._verifying and list(removed) != event["removed"]:
            raise AskedOtherwise(
                f"the algorithm now removes {list(removed)} at individual {number}, the journal has {event['removed']}"
            )

    def _fold_failed(self, event: dict[str, Any]) -> None:
        self.state.gave_up(event["number"], State.FAILED, event.get("device_s", 0.0))

    def _fold_cancelled(self, event: dict[str, Any]) -> None:
        self.state.gave_up(event["number"], State.CANCELLED, event.get("device_s", 0.0))


def all_versions(software: Mapping[str, Any]) -> dict[str, str]:
    """Versions of everything that an `opened` event names: of nas and its libraries, and of plug-ins."""
    return {**software["versions"], **software.get("plugins", {})}
