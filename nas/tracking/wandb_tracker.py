"""Weights & Biases: one run per search, every told individual one step."""

import logging
import os
from collections.abc import Mapping
from netrc import NetrcParseError, netrc
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal, get_args

from nas.errors import UserError
from nas.search.history import History
from nas.tracking.base import Context, Progress, Summary, Tracker

if TYPE_CHECKING:
    from nas.search.individual import Individual

logger = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline"]
ID_FILE = "run-id"
INIT_TIMEOUT_S = 15.0
FINISH_TIMEOUT_S = 60.0  # for what is not uploaded yet; it stays in the run folder


class WandbTracker(Tracker):
    """Real wandb, in the run folder, without a prompt and without a hang.

    A step is an evaluation: row k is the k-th told individual of the journal. The run's configuration is the search's
    identity, its tags are algorithm, search space and data set, so that runs compare without clicks.

    A resumed search goes on under the same id: online it continues its run; offline the session writes a further
    offline folder that holds the steps after the first session's.
    """

    def __init__(
        self,
        project: str,
        entity: str | None,
        group: str | None,
        tags: list[str] | None,
        mode: Mode,
    ) -> None:
        """
        Args:
            project: W&B project.
            entity: user or team; None is the account's default.
            group: runs of one study; None is the search space and, if there is one, the data set.
            tags: further tags.
            mode: "auto" is online with an API key and offline without; WANDB_MODE, where it is set, says what
                "auto" means.

        Raises:
            UserError: the mode is none of those.
        """
        if mode not in get_args(Mode):
            raise UserError(f"tracker.mode is {mode!r}, allowed are {', '.join(get_args(Mode))}")
        self._project, self._entity, self._group, self._tags = project, entity, group, list(tags or ())
        self._mode = mode
        self._run: Any = None
        self._living: dict[int, float] = {}
        self._sum = 0.0

    def opened(self, context: Context) -> None:
        self._remember(context)
        names = [_name(context.identity, part) for part in ("algorithm", "search_space", "dataset")]
        arguments = {
            "project": self._project,
            "entity": self._entity,
            "name": context.run,
            "id": _run_id(context.folder),
            "group": self._group or "-".join(filter(None, names[1:])),
            "tags": list(dict.fromkeys(filter(None, [*names, *self._tags]))),
            "config": dict(context.identity),
            "dir": str(context.folder),
        }
        self._run = _start(arguments, self._resolved_mode())
        for axis in ("evaluations", "elapsed_s"):
            self._run.define_metric(axis)
        self._run.define_metric("*", step_metric="evaluations")
        self._run.define_metric("fitness", step_metric="evaluations", summary="max")

    def told(self, individual: "Individual", progress: Progress) -> None:
        assert individual.fitness is not None
        self._follow_population(individual)
        drawn_from = "policy" if "updates" in individual.record else "random"
        row = {
            **individual.metrics,
            "evaluations": progress.told,
            "number": individual.number,
            "fitness": individual.fitness,
            "mutation": individual.mutation.name if individual.mutation else drawn_from,
            "parents": ",".join(map(str, individual.parents)),
            "best_fitness": progress.best_fitness,
            "best_number": progress.best_number,
            "population_size": len(self._living),
            "failed": progress.failed,
            "elapsed_s": progress.elapsed_s,
        }
        if self._living:
            row["population_mean"] = self._sum / len(self._living)
        self._run.log(row, step=progress.told)

    def closed(self, summary: Summary) -> None:
        progress = summary.progress
        self._run.summary.update(
            {
                "best": progress.best_fitness,
                "best_number": progress.best_number,
                "evaluations": progress.told,
                "failed": progress.failed,
                "elapsed_s": progress.elapsed_s,
                "reason": summary.reason,
            }
        )
        self._run.finish()
        if self._run.offline:
            print(f"W&B was offline; to upload the run: wandb sync {Path(self._run.dir).parent}")

    def _resolved_mode(self) -> str:
        """What "auto" means here and now."""
        if self._mode != "auto":
            return self._mode
        return os.environ.get("WANDB_MODE") or ("online" if _has_key() else "offline")

    def _remember(self, context: Context) -> None:
        """The population that earlier sessions left, from the journal."""
        if context.told:
            self._living = {
                individual.number: individual.fitness or 0.0 for individual in History.load(context.folder).alive
            }
            self._sum = sum(self._living.values())

    def _follow_population(self, individual: "Individual") -> None:
        fitness = individual.fitness or 0.0
        self._living[individual.number] = fitness
        self._sum += fitness
        for number in individual.removed:
            self._sum -= self._living.pop(number, 0.0)


def _start(arguments: dict[str, Any], mode: str) -> Any:
    """A run; offline when W&B cannot be reached or refuses the key."""
    import wandb

    settings = wandb.Settings(
        silent=True,
        console="off",
        disable_git=True,
        disable_code=True,
        x_disable_stats=True,
        x_save_requirements=False,
        init_timeout=INIT_TIMEOUT_S,
        finish_timeout=FINISH_TIMEOUT_S,
    )
    if mode == "online":
        wandb.setup(settings)  # else it prints where it found the key
        try:
            return wandb.init(**arguments, resume="allow", mode="online", settings=settings)
        except (wandb.errors.Error, ValueError) as error:
            logger.warning("W&B cannot be used online, so the run is kept offline: %s", str(error).partition("\n")[0])
            wandb.teardown()  # its service would hold on to the run's id
    return wandb.init(**arguments, mode="disabled" if mode == "disabled" else "offline", settings=settings)


def _has_key() -> bool:
    """Whether somebody has logged in: a key in the environment, or in the netrc file where `wandb login` puts it."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai").partition("://")[2].partition("/")[0]
    try:
        return netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, NetrcParseError):
        return False


def _run_id(folder: Path) -> str:
    """The search's id, the same in every session; random, because another machine may hold a run of the same name."""
    path = folder / "wandb" / ID_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(token_hex(4))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _name(identity: Mapping[str, Any], part: str) -> str:
    """The name of a part of the search, "" if it has none."""
    value = identity.get(part)
    evaluator = identity.get("evaluator")
    if value is None and isinstance(evaluator, Mapping):
        value = evaluator.get(part)
    return str(value.get("name", "")) if isinstance(value, Mapping) else ""
