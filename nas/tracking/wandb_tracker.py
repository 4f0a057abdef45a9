"""Weights & Biases: one run per search, every told individual one step."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.errors import UserError
from nas.tracking.base import Context, Progress, Summary, Tracker
from nas.tracking.guard import afterwards
from nas.tracking.rows import Rows, endings
from nas.tracking.wandb_account import Mode, WandbAccount, load_wandb
from nas.tracking.wandb_artifacts import log_artifacts
from nas.tracking.wandb_children import ChildRuns
from nas.tracking.wandb_curves import WandbCurves
from nas.tracking.wandb_folder import run_id
from nas.tracking.wandb_names import search_names
from nas.tracking.wandb_sweep import in_sweep, swept

if TYPE_CHECKING:
    from nas.search.history import History
    from nas.search.individual import Individual

logger = logging.getLogger(__name__)

AXES = ("evaluations", "spent/train_flops", "spent/device_hours", "elapsed_s")
BY_AXIS = {
    "best/valid_by_train_flops": "spent/train_flops",
    "best/valid_by_device_hours": "spent/device_hours",
}
NO_CHARTS = ("number", "best/number", "auc")
BEST = ("best/valid", "best/number", "best/flops", "auc")
FAILED = ("failures", "constraint", "error")


class WandbTracker(Tracker):
    """Real wandb, in the run folder, without a prompt and without a hang.

    A step is an evaluation: row k is the k-th told individual of the journal, see `nas.tracking.rows`. The run's
    configuration is the search's identity, its tags are algorithm, search space and data set, so that runs compare
    without clicks.

    A resumed search goes on under the same id. Online its run is continued, with the rows that were not delivered;
    offline the whole journal is logged again, into one new folder, and the older one is superseded. So an empty session
    over a finished search is the way to upload its journal afterwards (`nas.track`).
    """

    def __init__(
        self,
        project: str,
        entity: str | None,
        group: str | None,
        tags: list[str] | None,
        mode: Mode,
        children: bool,
    ) -> None:
        """
        Args:
            project: W&B project.
            entity: user or team; None is the account's default.
            group: runs of one study; None is the study that the search belongs to, or search space and data set.
            tags: further tags.
            mode: see `WandbAccount`.
            children: also one run per child, for small searches.

        Raises:
            UserError: a value is out of range, or wandb cannot be imported.
        """
        if not isinstance(children, bool):
            raise UserError(f"tracker.children is {children!r}, it must be true or false")
        self.account = WandbAccount(project=project, entity=entity, mode=mode)
        self._group, self._tags, self._wants_children = group, list(tags or ()), children
        load_wandb()

    def opened(self, context: Context) -> None:
        names, identifier = search_names(context.folder, context.identity), run_id(context.folder)
        tags = list(dict.fromkeys([*names.tags, *self._tags]))
        self._context, self._rows, self._last = context, Rows(), dict[str, Any]()
        self._run = self.account.start(
            context.folder,
            identifier,
            name=names.name,
            group=self._group or names.group,
            job_type="search",
            tags=tags,
            config=_config(context),
        )
        _define_charts(self._run)
        self._children: ChildRuns | None = None
        if self._wants_children and not self._run.disabled:
            self._children = ChildRuns(
                account=self.account,
                folder=context.folder,
                search_id=identifier,
                search_name=names.name,
                tags=tags,
                offline=self._run.offline,
            )
        if context.told or context.failed:
            for individual, device_s in endings(context.folder):
                self._log(individual, device_s, _as_it_is)

    def told(self, individual: "Individual", progress: Progress) -> None:
        self._log(individual, progress.device_s, self._context.genome_json)

    def failed(self, individual: "Individual", progress: Progress) -> None:
        self._log(individual, progress.device_s, self._context.genome_json)

    def closed(self, summary: Summary) -> None:
        run, problem = self._run, None
        with _letting_go():
            if not run.disabled:
                self._summarise(summary)
                problem = self._log_artifacts()
            run.finish(exit_code=int(summary.reason in FAILED))
        if problem is not None:
            logger.warning("W&B lacks what this session made: %s; %s", problem, afterwards(self._context.folder))
        if run.offline and not run.disabled:
            print(f"W&B was offline; to upload the run: wandb sync {Path(run.dir).parent}")

    def finished(self, context: Context, summary: Summary) -> None:
        """Uploads what was found before in a sweep alone, whose agent waits for this run."""
        if in_sweep():
            self.opened(context)
            self.closed(summary)

    def curves(self, searches: "Sequence[History]") -> WandbCurves | None:
        """Of trainings in the searches' group, where they have one; none in a sweep, where every run is the agent's."""
        names = [search_names(history.path.parent, history.identity) for history in searches]
        groups = {one.group for one in names}
        group = self._group or (groups.pop() if len(groups) == 1 else "retrain")
        tags = dict.fromkeys([*(tag for one in names for tag in one.tags), *self._tags])
        return None if in_sweep() else WandbCurves(account=self.account, group=group, tags=tuple(tags))

    def _log(self, individual: "Individual", device_s: float, genome_json: Callable[[Any], Any]) -> None:
        row = self._rows.add(individual, device_s)
        with _letting_go():
            if row is not None:
                self._last = row
                if self._rows.told >= self._run.starting_step:
                    self._run.log(row, step=self._rows.told)
            if self._children is not None:
                self._children.log(individual, genome_json(individual.genome))

    def _log_artifacts(self) -> str | None:
        """Why that did not work; what was logged before is whole all the same."""
        try:
            log_artifacts(self._run, self._context.folder)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    def _summarise(self, summary: Summary) -> None:
        """What the last row says already where there is one, for sessions that ended without telling any."""
        best = {name: value for name, value in self._last.items() if name in BEST}
        counts = {"evaluations": summary.progress.told, "failed": summary.progress.failed}
        self._run.summary.update({**best, **counts, "reason": summary.reason})


@contextmanager
def _letting_go() -> Iterator[None]:
    """Ends wandb's service where it has failed: the process would find that out at its end, with a traceback."""
    try:
        yield
    except Exception:
        with suppress(Exception):
            load_wandb().teardown()
        raise


def _define_charts(run: Any) -> None:
    """What charts are drawn over: evaluations first, and what was spent for those who choose it."""
    for axis in AXES:
        run.define_metric(axis, hidden=True)
    run.define_metric("*", step_metric="evaluations")
    run.define_metric("fitness", step_metric="evaluations", summary="max")
    for name, axis in BY_AXIS.items():
        run.define_metric(name, step_metric=axis)
    for name in NO_CHARTS:
        run.define_metric(name, step_metric="evaluations", hidden=True)


def _config(context: Context) -> dict[str, Any]:
    """The identity; where a sweep sets parameters of the same names, W&B keeps those, and the whole is beside them."""
    names = swept()
    own = {name: value for name, value in context.identity.items() if name not in names}
    return {**own, "identity": dict(context.identity)} if names else own


def _as_it_is(genome: Any) -> Any:
    return genome
