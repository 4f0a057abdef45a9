"""A run of W&B for each child of a small search, grouped under it (`tracker.children=true`)."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nas.search.individual import Individual, State
from nas.tracking.rows import origin
from nas.tracking.wandb_account import WandbAccount
from nas.tracking.wandb_folder import FOLDER_NAME
from nas.tracking.wandb_sweep import in_sweep

logger = logging.getLogger(__name__)

MOST_CHILDREN = 1000


@dataclass(kw_only=True)
class ChildRuns:
    """What was logged is written down, so that a resumed search logs only what is missing.

    Attributes:
        account: where runs go.
        folder: the run folder.
        search_id: the id of the search's run.
        search_name: the group of its children.
        tags: of every run.
        offline: whether the search's run is.
    """

    account: WandbAccount
    folder: Path
    search_id: str
    search_name: str
    tags: list[str]
    offline: bool
    _logged: set[int] = field(default_factory=set, init=False)
    _given_up: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._path = self.folder / FOLDER_NAME / f"children-{'offline' if self.offline else 'online'}"
        if self._path.exists():
            self._logged = {int(line) for line in self._path.read_text().split("\n") if line.isdigit()}
        if in_sweep():
            self._give_up("in a sweep every run is the agent's")

    def log(self, individual: Individual, genome: Any) -> None:
        """Logs a child, told or failed, unless it was.

        Args:
            individual: the child.
            genome: its genome in JSON form.
        """
        number = individual.number
        if self._given_up or number in self._logged:
            return
        if len(self._logged) >= MOST_CHILDREN:
            self._give_up(f"that is for searches of up to {MOST_CHILDREN:,} children")
            return
        account = replace(self.account, mode="offline" if self.offline else "online")
        run = account.start(
            self.folder,
            f"{self.search_id}-child-{number}",
            name=f"{self.search_name}/{number}",
            group=self.search_name,
            job_type="child",
            tags=self.tags,
            config=_config(individual, genome),
        )
        _log(run, individual)
        run.finish()
        if run.offline and not self.offline:
            self._give_up("W&B cannot be reached any more")
            return
        self._logged.add(number)
        with self._path.open("a") as file:
            file.write(f"{number}\n")

    def _give_up(self, why: str) -> None:
        self._given_up = True
        logger.warning("tracker.children=true: children get no runs of their own from now on: %s", why)


def _config(individual: Individual, genome: Any) -> dict[str, Any]:
    mutation = individual.mutation
    return {
        "number": individual.number,
        "genome": genome,
        "parents": list(individual.parents),
        "mutation": origin(individual),
        "mutation_details": dict(mutation.details) if mutation is not None else {},
        "seed": individual.seed,
    }


def _log(run: Any, individual: Individual) -> None:
    if individual.state is State.TOLD:
        run.log({**individual.metrics, "fitness": individual.fitness})
    run.summary.update({"state": individual.state.value, "reason": individual.reason})
